"""`ScaleNetOracle`: the search as a Keras Tuner oracle, around the MCEA core and a journal."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.chain import UnscorableError
from scalenet_tf.search.confirmation import Confirmation
from scalenet_tf.search.failures import Failures
from scalenet_tf.search.hyperparameters import declare
from scalenet_tf.search.identity import identify
from scalenet_tf.search.journal import ResultRow, StartedRow
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, BareOracle, Trial, metrics_of, synchronized
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.project import SearchProject
from scalenet_tf.search.replay import replay
from scalenet_tf.search.second_chance import SecondChance
from scalenet_tf.search.trial_values import encode
from scalenet_tf.search.values import Evaluation
from scalenet_tf.search.workers import Workers

LEASE_SECONDS = 60.0
_MESSAGE_CHARACTERS = 300


class ScaleNetOracle(BareOracle):
    """Hands out the subnets that the Markov-chain evolutionary search wants scored, one per trial.

    With `search.confirm`, the trainings of the finalists are its last trials.

    Its project folder holds oracle.json (the search's identity, written once) and trials.jsonl (two rows per
    trial). A resume replays the rows through the core, which must ask for the same trials again. Every call
    may be repeated, and the first result of a trial stands: workers may die, and so may their chief.

    Args:
      problem: The search.
      supernet: Digest of the weights that the subnets are scored with.
      training: Digest of the training that confirms finalists. Default: there is none.
      lease_seconds: Seconds of silence after which a worker counts as dead and its trial is handed out again.
        Workers give six signs of life in that time.
      give_up_after: Number of trials that fail one after another after which the search stops.
      on_result: Called with this oracle after each result.
      on_replay: Called now and then with the share of the journal that has been read, in [0, 1].
      clock: Function that returns the seconds of a monotonic clock.

    Raises:
      ScaleNetError: On reload, if the project belongs to another search.

    Example:
      >>> problem = SearchProblem(space, run.config.search, seed=0)
      >>> ScaleNetTuner(ScaleNetOracle(problem, supernet=digest), scorer.score, run.search).search()
    """

    def __init__(
        self,
        problem: SearchProblem,
        supernet: str,
        training: str | None = None,
        *,
        lease_seconds: float = LEASE_SECONDS,
        give_up_after: int = 10,
        on_result: Callable[[ScaleNetOracle], None] | None = None,
        on_replay: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lease_seconds, self.workers = lease_seconds, Workers(lease_seconds, clock)
        self._second_chance = SecondChance(self.workers)
        super().__init__(declare(problem.space), problem.seed)
        self.problem, self.identity = problem, identify(problem, supernet, training)
        self._give_up_after, self._on_result, self._on_replay = give_up_after, on_result, on_replay
        self._started: StartedRow  # The row of the newest trial.
        self.forget_trials()

    def forget_trials(self) -> None:
        """Makes this an oracle that has asked for nothing yet."""
        for known in (self.trials, self.start_order, self.end_order):
            known.clear()
        self.core = Mcea(self.problem)
        self.confirmation = Confirmation(self.problem, self.core)
        self.failures = Failures(self._give_up_after)
        self.failure: str | None = None
        self._gave_up = self.unscorable = False  # Whether that is the failure.
        self._evaluations: dict[int, Evaluation] = {}  # those without a result, by trial
        self._ended: set[str] = set()

    def next_row(self) -> StartedRow | None:
        """Returns the journal's row of the next trial, or None while results are missing or after the end."""
        evaluation = self.core.ask() or self.confirmation.ask()
        return self.row_of(evaluation) if evaluation else None

    def row_of(self, evaluation: Evaluation) -> StartedRow:
        """Returns the journal's row of an evaluation, which becomes the next trial."""
        number = len(self.trials)
        self._evaluations[number] = evaluation
        part = evaluation.scaling_stage, evaluation.base, evaluation.scaling, evaluation.epochs
        values = encode(self.problem.space, *part)
        return {"trial": number, "macs": evaluation.macs, "values": values}

    def populate_space(self, trial_id: str) -> dict[str, object]:
        """Returns the values of the next evaluation, of the core or of the confirmation."""
        row = None if self.failure else self.next_row()
        if row is None:
            # A waiting worker can take over a lost trial, so none leaves before the last result.
            return {"status": "STOPPED" if self.over else "IDLE"}
        self._started = row
        return {"status": "RUNNING", "values": row["values"]}

    @synchronized
    def create_trial(self, tuner_id: str) -> Trial:
        """Returns the trial that a worker has, or a new one; trials of dead workers come first."""
        self.workers.hear(tuner_id)
        for worker, trial in list(self.ongoing_trials.items()):
            if self.workers.is_silent(worker):
                self.requeue(trial)
        count = len(self.trials)
        with self.kept_back(self._second_chance.withheld(tuner_id) | self.workers.may_have):
            trial = super().create_trial(tuner_id)
        if len(self.trials) > count:
            self._append(self._started)
        return trial

    @synchronized
    def heartbeat(self, tuner_id: str, trial_id: str) -> None:
        """Notes that a worker has a trial, which a chief that has begun since then does not know."""
        self.workers.hear(tuner_id)
        self.workers.present.add(tuner_id)
        # A trial that has failed there is withheld: this was sent before.
        gone = trial_id in self._ended or trial_id in self._second_chance.withheld(tuner_id)
        if trial_id in self.trials and not gone:
            self.take_back(tuner_id, self.trials[trial_id])

    @synchronized
    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> Trial:
        """Notes the score of a trial, unless it has its result already."""
        trial, scored = self.known(trial_id), metrics_of(metrics[OBJECTIVE], step)
        if trial_id not in self._ended:
            trial.metrics = scored
        return trial

    @synchronized
    def end_trial(self, trial: Trial) -> None:
        """Writes the result of a trial to the journal, then tells it to the core."""
        known = self.known(trial.trial_id)
        if known.trial_id in self._ended:
            self.release(known)  # The first result stands.
            return
        score = self.score_of(known) if trial.status == "COMPLETED" else None
        lost = trial.status == "COMPLETED" and score is None  # It went to a chief that has died since.
        if lost or (score is None and self._second_chance.take(known.trial_id, self.holder(known))):
            self.requeue(known)
            return
        row: ResultRow = {"trial": int(known.trial_id), "score": score}
        if score is None:
            row["message"] = (trial.message or "the worker's log says why").strip()[-_MESSAGE_CHARACTERS:]
        written = self._append(row)
        self.release(known)
        if not written:
            return
        self.accept(known, row)
        if score is None:
            self.failures.warn(known.trial_id, known.message)
        if self._on_result:
            self._on_result(self)

    def accept(self, trial: Trial, row: ResultRow) -> None:
        """Takes the result of a trial, from a worker or from the journal."""
        score = row["score"]
        trial.status = "FAILED" if score is None else "COMPLETED"
        trial.score, trial.message = score, row.get("message")
        self._ended.add(trial.trial_id)
        self.end_order.append(trial.trial_id)
        self.failures.add(score)
        if score is not None and self._gave_up:
            self.failure, self._gave_up = None, False  # Another worker can score after all.
        evaluation = self._evaluations.pop(row["trial"])
        try:
            if evaluation.epochs:
                self.confirmation.tell(evaluation, score)
            else:
                self.core.tell(evaluation.number, score)
                self.confirmation.choose()
        except ScaleNetError as error:
            # Raised from here, only the worker would hear of it.
            self.failure, self.unscorable = str(error), isinstance(error, UnscorableError)
        except Exception as error:
            self.failure = f"the result of trial {trial.trial_id} failed: {type(error).__name__}: {error}"
            raise  # A fault of ours, whose traceback tells more.
        if (self._gave_up or self.failure is None) and self.failures.too_many(self.core.finished):
            self.failure, self._gave_up = self.failures.text(trial.message), True

    def has_ended(self, trial_id: str) -> bool:
        """Returns whether a trial has its result."""
        return trial_id in self._ended

    def _append(self, row: StartedRow | ResultRow) -> bool:
        """Adds a row to the journal, and returns whether it was written. If it cannot be, the search ends."""
        try:
            return self._project.append(row)
        except ScaleNetError as error:
            self.failure = str(error)
            return False

    @property
    def over(self) -> bool:
        """Whether no more results are needed."""
        return bool(self.failure) or self.confirmation.finished

    @property
    def tuner_ids(self) -> set[str]:
        """Names of the workers that may still call."""
        return self.heard_within(self.lease_seconds)

    @tuner_ids.setter
    def tuner_ids(self, workers: set[str]) -> None:
        self.workers.present = workers

    @synchronized
    def heard_within(self, seconds: float) -> set[str]:
        """Forgets the workers that have been silent for longer than `seconds`, and returns the others."""
        return self.workers.heard_within(seconds)

    def begin(self, chief: bool = False) -> None:
        """Takes the project for this process. A search needs that, reading does not.

        Args:
          chief: Whether workers in other processes score for this one.

        Raises:
          ScaleNetError: If another process searches in it.
        """
        self._project.open()
        if chief:
            self.workers.expect(set(self._retry_queue))

    def end(self) -> None:
        """Releases the project for other processes."""
        self._project.close()

    def reload(self) -> None:
        """Restores the project's trials, if it has any: see `replay`."""
        if self._project.check():
            replay(self, self._project.journal, self._on_replay)

    def _set_project_dir(self, directory: str, project_name: str) -> None:
        super()._set_project_dir(directory, project_name)
        self._project = SearchProject(Path(directory) / project_name, self.identity)
