"""The search as a Keras Tuner oracle: a thin adapter around the MCEA core, with a journal as its memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial
from keras_tuner.src.engine.metrics_tracking import MetricObservation, MetricsTracker

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.hyperparameters import declare
from scalenet_tf.search.identity import check_identity, identify
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.replay import without_collection
from scalenet_tf.search.trial_values import encode
from scalenet_tf.search.values import Evaluation
from scalenet_tf.utils import files

OBJECTIVE = "accuracy"
LEASE_SECONDS = 60.0
_MESSAGE_CHARACTERS = 300
_REPLAYED_ROWS = 1000  # between two signs of progress


class ScaleNetOracle(keras_tuner.Oracle):
    """Hands out the subnets that the Markov-chain evolutionary search wants scored, one a trial.

    Its project folder holds oracle.json (what the project belongs to; written once) and trials.jsonl (two
    rows a trial). A resume replays the rows through the core, which must ask the very same again. Every call
    may be repeated, and the first result of a trial stands: workers may die, and so may their chief.

    Args:
      problem: What is searched.
      supernet: Digest of the weights that the subnets are scored with.
      lease_seconds: Silence after which a worker counts as dead and its trial is handed out again; workers
        give six signs of life in it.
      give_up_after: The search stops if so many trials fail and none succeeds.
      on_result: Called with this oracle after each result.
      on_replay: Called now and then with the share of the journal that is read, in [0, 1].
      clock: Seconds of a clock that never goes back.

    Raises:
      ScaleNetError: on reload, if the project belongs to another space, configuration, seed or weights.

    Example:
      >>> oracle = ScaleNetOracle(SearchProblem(space, run.config.search, seed=0), supernet=digest)
      >>> ScaleNetTuner(oracle, scorer.score, run.search).search()
    """

    def __init__(
        self,
        problem: SearchProblem,
        supernet: str,
        *,
        lease_seconds: float = LEASE_SECONDS,
        give_up_after: int = 10,
        on_result: Callable[[ScaleNetOracle], None] | None = None,
        on_replay: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lease_seconds, self._clock = lease_seconds, clock
        self._heard: dict[str, float] = {}  # worker -> when it last called
        super().__init__(
            objective=keras_tuner.Objective(OBJECTIVE, "max"),
            hyperparameters=declare(problem.space),
            allow_new_entries=False,
            tune_new_entries=False,
            seed=1,
        )
        self.seed = self._seed_state = problem.seed  # Keras Tuner takes 0 for no seed
        self.verbose = 0  # its display sorts all trials, twice a trial
        self.problem = problem
        self.core = Mcea(problem)
        self.identity = identify(problem, supernet)
        self.failure: str | None = None
        self._lost = False  # a row could not be written
        self._identified = False  # oracle.json is there
        self._give_up_after, self._on_result, self._on_replay = give_up_after, on_result, on_replay
        self._ended: set[str] = set()
        self._num_scored = 0
        self._asked: dict[str, Any]  # the newest trial's row

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The core's next ask: trial n is the n-th."""
        evaluation = None if self.failure else self.core.ask()
        if evaluation is None:
            # Whoever waits can take over a lost trial: nobody leaves before the last result.
            return {"status": "STOPPED" if self.over else "IDLE"}
        self._asked = self._start_row(evaluation)
        return {"status": "RUNNING", "values": self._asked["values"]}

    @keras_tuner.synchronized
    def create_trial(self, tuner_id: str) -> Trial:
        now = self._heard[tuner_id] = self._clock()
        for worker, trial in list(self.ongoing_trials.items()):
            if now - self._heard.get(worker, now) > self.lease_seconds:
                self._requeue(trial)
        known = len(self.trials)
        trial = super().create_trial(tuner_id)
        if len(self.trials) > known:
            self._append(self._asked)
        return trial

    @keras_tuner.synchronized
    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> Trial:
        trial = self.trials[trial_id]
        if trial_id not in self._ended:
            trial.metrics = _tracker(metrics[OBJECTIVE], step)
        return trial

    @keras_tuner.synchronized
    def end_trial(self, trial: Trial) -> None:
        own = self.trials[trial.trial_id]
        if own.trial_id in self._ended:
            self._release(own)  # the first result stands
            return
        completed = trial.status == "COMPLETED"
        if completed and not own.metrics.exists(OBJECTIVE):
            self._requeue(own)  # the score was told to a chief that died since
            return
        score = own.metrics.get_history(OBJECTIVE)[0].value[0] if completed else None
        row: dict[str, Any] = {"trial": int(own.trial_id), "score": score}
        if score is None:
            row["message"] = (trial.message or "the worker's log says why").strip()[-_MESSAGE_CHARACTERS:]
        written = self._append(row)
        self._release(own)
        if not written:
            return
        self._take(own, row)
        if self._on_result:
            self._on_result(self)

    def _append(self, row: dict[str, Any]) -> bool:
        """Adds a row to the journal; what cannot be written ends the search, and nothing follows it there.

        A row after a lost one would belong to a trial that no later process asks for.
        """
        if self._lost:
            return False
        try:
            self._journal.append(row)
        except ScaleNetError as error:
            # Raised from here, it would leave Keras Tuner's lock held for ever.
            self.failure, self._lost = str(error), True
            return False
        return True

    @property
    def over(self) -> bool:
        """Whether no more results are needed."""
        return bool(self.failure) or self.core.finished

    @property
    def tuner_ids(self) -> set[str]:
        """The workers that may still call."""
        return self.heard_within(self.lease_seconds)

    @tuner_ids.setter
    def tuner_ids(self, workers: set[str]) -> None:
        self._workers = workers

    @property
    def was_called(self) -> bool:
        """Whether any worker has called this process yet."""
        return bool(self._heard)

    @keras_tuner.synchronized
    def heard_within(self, seconds: float) -> set[str]:
        """Forgets the workers that have been silent for longer; returns the others."""
        now = self._clock()
        self._workers -= {w for w in self._workers if now - self._heard.get(w, now) > seconds}
        return self._workers

    def begin(self) -> None:
        """Takes the project for this process: a search needs that, reading does not.

        Raises:
          ScaleNetError: if another process searches in it.
        """
        self._journal.open()
        self.save()

    def end(self) -> None:
        """Gives the project free."""
        self._journal.close()

    def save(self) -> None:
        """Writes oracle.json, which never changes, where it is missing."""
        if not self._identified and not self._identity_file.exists():
            files.write_json(self._identity_file, {"schema": 1, **self.identity})
        self._identified = True

    def reload(self) -> None:
        """Replays the journal; trials without a result are handed out again, the oldest first."""
        if not self._identity_file.exists():
            return
        check_identity(self._identity_file, self.identity)
        self._identified = True
        rows = self._journal.read()
        scores = [row["score"] for row in rows if "score" in row]
        if scores and all(score is None for score in scores):
            self._journal.clear()  # nothing worked, which may be why the search ended: try again
            return
        with without_collection():
            for number, row in enumerate(rows, start=1):
                if "values" in row:
                    self._replay(number, row)
                else:
                    self._replay_result(row)
                if self._on_replay and number % _REPLAYED_ROWS == 0:
                    self._on_replay(number / len(rows))
        for trial_id in reversed(self.start_order):
            if trial_id not in self._ended:
                self._requeue(self.trials[trial_id])

    def _replay(self, number: int, row: dict[str, Any]) -> None:
        evaluation = self.core.ask()
        asked = self._start_row(evaluation) if evaluation else None
        if asked is None or asked != row:
            raise DamagedFileError(
                f"line {number} of {str(self._journal.path)!r} holds another trial than the search asks for "
                "there: another version of the package wrote it. Go on with that one, or search in a new run."
            )
        # As `create_trial` would, which asks after workers and locks.
        trial_id = f"{len(self.trials):04d}"
        self.trials[trial_id] = Trial(self.hyperparameters.holding(asked["values"]), trial_id, "RUNNING")
        self.start_order.append(trial_id)

    def _start_row(self, evaluation: Evaluation) -> dict[str, Any]:
        values = encode(self.problem.space, evaluation.stage, evaluation.base, evaluation.scaling)
        return {"trial": evaluation.number, "macs": evaluation.macs, "values": values}

    def _replay_result(self, row: dict[str, Any]) -> None:
        trial = self.trials[self.start_order[row["trial"]]]
        if row["score"] is not None:
            trial.metrics = _tracker(row["score"])
        self._take(trial, row)

    def _take(self, trial: Trial, row: dict[str, Any]) -> None:
        """Accepts a trial's one result."""
        score = row["score"]
        trial.status = "FAILED" if score is None else "COMPLETED"
        trial.score, trial.message = score, row.get("message")
        self._ended.add(trial.trial_id)
        self.end_order.append(trial.trial_id)
        self._num_scored += score is not None
        try:
            self.core.tell(row["trial"], score)
        except ScaleNetError as error:
            # Raised from here, it would leave Keras Tuner's lock held for ever.
            self.failure = str(error)
        if not self._num_scored and (len(self._ended) >= self._give_up_after or self.core.finished):
            self.failure = (
                f"the search was stopped: all of its first {len(self._ended)} trials failed, the last one "
                f"with:\n{trial.message}\nMend the cause, then start the search again: it will try them anew."
            )

    def _requeue(self, trial: Trial) -> None:
        self._release(trial)
        trial.status, trial.metrics = "RUNNING", MetricsTracker()
        self._retry_queue.append(trial.trial_id)

    def _release(self, trial: Trial) -> None:
        """Takes a trial from whoever holds it and from the queue."""
        for worker in [w for w, held in self.ongoing_trials.items() if held is trial]:
            del self.ongoing_trials[worker]
        if trial.trial_id in self._retry_queue:
            self._retry_queue.remove(trial.trial_id)

    def _set_project_dir(self, directory: str, project_name: str) -> None:
        super()._set_project_dir(directory, project_name)
        project = Path(directory) / project_name
        self._identity_file, self._journal = project / "oracle.json", Journal(project / "trials.jsonl")

    def _save_trial(self, trial: Trial) -> None:
        """The journal has it; Keras Tuner would rewrite a folder a trial."""

    def _record_values(self, trial: Trial) -> None:
        """Keras Tuner would hash and keep them to find duplicates; the core asks for none."""


def _tracker(score: float, step: int = 0) -> MetricsTracker:
    """The metrics of a trial with one score; Keras Tuner's own way to them reduces arrays four times."""
    tracker = MetricsTracker()
    tracker.register(OBJECTIVE, "max")
    tracker.set_history(OBJECTIVE, [MetricObservation(float(score), step)])
    return tracker
