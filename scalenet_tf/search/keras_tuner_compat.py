"""The parts of Keras Tuner that it does not document, all of them in this module.

The search needs them for three reasons. Keras Tuner rewrites its files after every trial, which makes the
bookkeeping of a long search quadratic (hours at 60,000 trials), so `BareOracle` leaves that to a journal. Its
client gives up when a chief is restarted, so `search.distributed` has a client and a chief of its own that
speak the same protocol. And trials are restored from the journal, without the tuner.

Names under `keras_tuner.src` may move with any release. setup.cfg therefore pins version 1.4.8, with which
all of this was tested. Before raising the pin, adapt this module, then run tests/search with its slow tests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import keras_tuner
from keras_tuner.src import protos as protos
from keras_tuner.src.distribute.oracle_client import OracleClient as OracleClient
from keras_tuner.src.engine.metrics_tracking import MetricObservation, MetricsTracker
from keras_tuner.src.engine.oracle import LOCKS, THREADS
from keras_tuner.src.engine.trial import Trial as Trial
from keras_tuner.src.engine.trial import TrialStatus

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.search.scores import checked_score
from scalenet_tf.search.trial_values import TrialValue

OBJECTIVE = "accuracy"
SERVICE = "keras_tuner.Oracle"  # Name of its gRPC service.

_Arguments = ParamSpec("_Arguments")
_Oracle = TypeVar("_Oracle", bound=keras_tuner.Oracle)
_Result = TypeVar("_Result")


def synchronized(
    method: Callable[Concatenate[_Oracle, _Arguments], _Result],
) -> Callable[Concatenate[_Oracle, _Arguments], _Result]:
    """Makes a method of an oracle hold its lock, which an error releases too.

    `keras_tuner.synchronized` keeps the lock for ever after an error. Both take the same lock, so a
    method of the base class that is called from here does not release it.
    """

    @wraps(method)
    def locked(self: _Oracle, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        thread = threading.current_thread().name
        if THREADS[self] == thread:
            return method(self, *args, **kwargs)
        with LOCKS[self]:
            THREADS[self] = thread
            try:
                return method(self, *args, **kwargs)
            finally:
                THREADS[self] = None

    return locked


def trial_status(number: int) -> str:
    """Returns the name of a trial's status in a message."""
    try:
        return str(TrialStatus.from_proto(number))
    except ValueError:
        return f"status {number}"


class BareOracle(keras_tuner.Oracle):
    """Keras Tuner's oracle without its files, its display and its search for duplicates.

    Args:
      hyperparameters: `keras_tuner.HyperParameters` that declare the whole space.
      seed: Seed of the search, at least 0. Keras Tuner itself draws nothing.
    """

    _retry_queue: list[str]

    def __init__(self, hyperparameters: keras_tuner.HyperParameters, seed: int) -> None:
        super().__init__(
            objective=keras_tuner.Objective(OBJECTIVE, "max"),
            hyperparameters=hyperparameters,
            allow_new_entries=False,
            tune_new_entries=False,
            seed=1,
        )
        self.seed = self._seed_state = seed  # The constructor takes 0 for no seed.
        self.verbose = 0  # The display sorts all trials, twice per trial.

    def add_trial(self, values: Mapping[str, TrialValue], trial_id: str | None = None) -> Trial:
        """Adds a running trial as `create_trial` does, without a worker and without the lock."""
        trial_id = trial_id or f"{len(self.trials):04d}"
        trial = Trial(self.hyperparameters.holding(values), trial_id, "RUNNING")
        self.trials[trial_id] = trial
        self.start_order.append(trial_id)
        return trial

    def known(self, trial_id: str) -> Trial:
        """Returns a trial of this search.

        Raises:
          ScaleNetError: If there is none with this identifier.
        """
        if trial_id not in self.trials:
            raise InvalidInputError(f"there is no trial {trial_id[:20]!r} in this search")
        return self.trials[trial_id]

    def requeue(self, trial: Trial) -> None:
        """Puts a trial in front of the queue, from which the next worker takes it."""
        self.release(trial)
        trial.status, trial.metrics = "RUNNING", MetricsTracker()
        self._retry_queue.append(trial.trial_id)

    def holder(self, trial: Trial) -> str | None:
        """Returns the worker that has a trial."""
        return next((worker for worker, held in self.ongoing_trials.items() if held is trial), None)

    def take_back(self, tuner_id: str, trial: Trial) -> None:
        """Notes that a worker has a trial, unless another one has it too."""
        if self.holder(trial) is None:
            if tuner_id in self.ongoing_trials:
                self.requeue(self.ongoing_trials[tuner_id])
            self.release(trial)
            self.ongoing_trials[tuner_id] = trial

    @contextmanager
    def kept_back(self, trial_ids: set[str]) -> Iterator[None]:
        """Keeps trials out of the queue while a worker asks for one."""
        kept = [trial_id for trial_id in self._retry_queue if trial_id in trial_ids]
        self._retry_queue = [trial_id for trial_id in self._retry_queue if trial_id not in trial_ids]
        try:
            yield
        finally:
            self._retry_queue += kept

    def release(self, trial: Trial) -> None:
        """Takes a trial from the worker that has it, and out of the queue."""
        for worker in [w for w, held in self.ongoing_trials.items() if held is trial]:
            del self.ongoing_trials[worker]
        if trial.trial_id in self._retry_queue:
            self._retry_queue.remove(trial.trial_id)

    @staticmethod
    def score_of(trial: Trial) -> float | None:
        """Returns the score in a trial's metrics, or None if it has none yet."""
        if not trial.metrics.exists(OBJECTIVE):
            return None
        score: float = trial.metrics.get_history(OBJECTIVE)[0].value[0]
        return score

    def save(self) -> None:
        """Saves nothing: the journal holds everything."""

    def _save_trial(self, trial: Trial) -> None:
        """Writes nothing: Keras Tuner would write a folder per trial, three times."""

    def _record_values(self, trial: Trial) -> None:
        """Records nothing: Keras Tuner would hash and keep all values, to find duplicates."""


def metrics_of(score: float, step: int = 0) -> MetricsTracker:
    """Returns the metrics of a trial with one score. Keras Tuner's own way reduces arrays four times.

    Raises:
      ScaleNetError: If the score is not an accuracy.
    """
    tracker = MetricsTracker()
    tracker.register(OBJECTIVE, "max")
    tracker.set_history(OBJECTIVE, [MetricObservation(checked_score(float(score)), step)])
    return tracker
