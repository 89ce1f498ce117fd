"""`Events`: passes what happens in a job step to its callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.search.finished_trial import FinishedTrial
from scalenet_tf.space.criteria import name_of
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.tracking.trackers import trackers_of
from scalenet_tf.utils.users_code import failure_named

_ADVICE = "The run is kept. Fix the callback, then call again: the run resumes."


class Events:
    """Calls a method of all callbacks, in their order.

    Args:
      run: The run.
      callbacks: The callbacks.
      trackers: Trackers by name, which come after them. Default: none.

    Raises:
      ScaleNetError: If one of them is no `RunCallback`. Each method raises it for an exception in a callback.
    """

    def __init__(
        self, run: Run, callbacks: Sequence[RunCallback], trackers: Mapping[str, RunCallback] | None = None
    ) -> None:
        check_callbacks(callbacks)
        named = {
            f"`callbacks[{n}]`, a {name_of(type(callback))},": callback
            for n, callback in enumerate(callbacks)
        }
        named |= {f"`tracking` {name}": tracker for name, tracker in (trackers or {}).items()}
        self._run, self._callbacks = run, named

    def step_begin(self, step: str) -> None:
        """Sets the run of each callback, and tells it that a job step begins."""
        self._call("set_run", lambda callback: callback.set_run(self._run))
        self._call("on_step_begin", lambda callback: callback.on_step_begin(step))

    def step_end(self, step: str) -> None:
        self._call("on_step_end", lambda callback: callback.on_step_end(step))

    def supernet_log(self, row: TrainingRow) -> None:
        self._call("on_supernet_log", lambda callback: callback.on_supernet_log(row))

    def trial_end(self, trial: FinishedTrial) -> None:
        self._call("on_trial_end", lambda callback: callback.on_trial_end(trial))

    def epoch_end(self, member: str, row: EpochRow) -> None:
        self._call("on_epoch_end", lambda callback: callback.on_epoch_end(member, row))

    def member_end(self, member: str, metrics: Metrics) -> None:
        self._call("on_member_end", lambda callback: callback.on_member_end(member, metrics))

    def end(self) -> None:
        self._call("on_end", lambda callback: callback.on_end())

    def _call(self, method: str, call: Callable[[RunCallback], None]) -> None:
        for name, callback in self._callbacks.items():
            with failure_named(f"{name} failed in {method}", _ADVICE):
                call(callback)


def check_callbacks(callbacks: Sequence[RunCallback]) -> None:
    """Checks that all callbacks are a `RunCallback`.

    Raises:
      ScaleNetError: If one is not.
    """
    for position, callback in enumerate(callbacks):
        if not isinstance(callback, RunCallback):
            raise InvalidInputError(
                f"`callbacks[{position}]` must be a scalenet_tf.RunCallback. Received: a "
                f"{name_of(type(callback))}. "
                "Keras callbacks for the members' training go into `member_training`."
            )


@contextmanager
def job_step(
    run: Run, step: str, callbacks: Sequence[RunCallback], *, heard: bool = True
) -> Iterator[Events]:
    """Tells callbacks and the trackers of the run that a job step begins and, unless it fails, ends.

    Args:
      run: The run.
      step: Name of the step.
      callbacks: The callbacks.
      heard: Whether this process keeps the results; a worker tells nothing.

    Raises:
      ScaleNetError: If a callback fails, or a tracker's package is not installed.
    """
    events = Events(run, callbacks, trackers_of(run)) if heard else Events(run, ())
    events.step_begin(step)
    yield events
    events.step_end(step)
