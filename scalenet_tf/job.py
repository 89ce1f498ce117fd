"""The whole job: its steps in order, as commands and log lines name them."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scalenet_tf import steps
from scalenet_tf.run import Run
from scalenet_tf.run.states import step_states
from scalenet_tf.tracking.callback import RunCallback

logger = logging.getLogger(__name__)


class _Act(Protocol):
    def __call__(self, run: Run, *, callbacks: Sequence[RunCallback] = ()) -> object: ...


@dataclass(frozen=True)
class JobStep:
    """A job step, run by `scalenet NAME --run RUN`.

    Attributes:
      name: Name of the command.
      title: Description of the step in log lines.
      act: Function that runs the step.
    """

    name: str
    title: str
    act: _Act


STEPS = (
    JobStep("train", "super-supernet training", steps.train),
    JobStep("search", "joint search of base and scaling", steps.search),
    JobStep("scale", "extrapolation to the family", steps.scale),
    JobStep("retrain", "training of the members", steps.retrain),
    JobStep("export", "SavedModels", steps.export),
    JobStep("report", "report", steps.report),
)


def do_steps(
    run: Run,
    instead: Mapping[str, _Act] | None = None,
    callbacks: Sequence[RunCallback] = (),
) -> Iterator[JobStep]:
    """Runs the job steps in order, or what is left of them, and logs the seconds of each.

    A run that trains its super-supernet also tells the time that all of it will take.

    Args:
      run: The run.
      instead: Functions to call in place of those of `STEPS`, by the name of the step.
      callbacks: Callbacks that are told about the steps.

    Yields:
      Each step once it is done.
    """
    from scalenet_tf.forecast.announcement import ForecastInLog

    callbacks = (*callbacks, ForecastInLog())
    steps_of_run = [named_step(name) for name in step_states(run)]
    for number, step in enumerate(steps_of_run, start=1):
        logger.info("== %d/%d %s", number, len(steps_of_run), step.title)
        begun = time.monotonic()
        (instead or {}).get(step.name, step.act)(run, callbacks=callbacks)
        seconds = time.monotonic() - begun
        logger.info("== %d/%d %s: %.1f s", number, len(steps_of_run), step.title, seconds)
        yield step


def named_step(name: str) -> JobStep:
    """Returns the job step of a name such as "train"."""
    return next(step for step in STEPS if step.name == name)


def next_step(name: str) -> JobStep | None:
    """Returns the job step after a given one, or None after the last one.

    Args:
      name: Name of a job step, such as "train".
    """
    names = [step.name for step in STEPS]
    index = names.index(name) + 1
    return STEPS[index] if index < len(STEPS) else None
