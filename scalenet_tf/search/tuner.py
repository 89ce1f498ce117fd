"""`ScaleNetTuner`: runs the trials of an oracle by scoring subnets. It builds no model per trial."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import keras_tuner
from keras_tuner.errors import FailedTrialError, FatalError

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.distributed.credentials import read_credentials
from scalenet_tf.search.distributed.role import role_of
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.scores import checked_score
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, decode
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale

logger = logging.getLogger(__name__)


class ScaleNetTuner(keras_tuner.Tuner):
    """Scores the trials of an oracle, in one process or, with Keras Tuner's KERASTUNER_* variables, in many.

    An existing project is resumed, never overwritten.

    Args:
      oracle: Oracle that decides which subnets are scored.
      score: Function that returns the accuracy of a subnet. If it raises, or returns a number that is not in
        [0, 1], the trial is FAILED and the search continues. A DamagedFileError ends the search, which can be
        resumed.
      project: Folder of the project.
      train: Function that trains a finalist, of (subnet, scaling stage), and returns its accuracy; its errors
        count like those of `score`. Needed if the search confirms finalists.

    Raises:
      ScaleNetError: If the folder holds another search, or Keras Tuner's variables are set in part.

    Example:
      >>> tuner = ScaleNetTuner(oracle, scorer.score, run.search)
      >>> tuner.search()
      >>> tuner.results_summary()
    """

    def __init__(
        self,
        oracle: ScaleNetOracle,
        score: Callable[[Subnet], float],
        project: str | Path,
        train: Callable[[Subnet, int], float] | None = None,
    ) -> None:
        project = Path(project)
        self._role = role_of()
        super().__init__(oracle, directory=str(project.parent), project_name=project.name)
        self.space, self.score, self.train = oracle.problem.space, score, train
        self._num_polls = 0
        if self._role is not None:
            logger.info("search: %s", self._role)
            self._credentials = read_credentials(project, chief=not self.is_worker)
        if self.is_worker:
            from scalenet_tf.search.distributed.client import PatientClient

            self.oracle = PatientClient(oracle, self._credentials)
        else:
            # Keras Tuner looks for a file named after the role of this process, and would start again under
            # another role.
            self.oracle.reload()

    @property
    def is_worker(self) -> bool:
        """Whether this process scores for a chief in another process, which keeps the results."""
        return self._role is not None and not self._role.is_chief

    def search(self) -> None:
        """Runs trials until the search is finished. A chief serves its workers until then.

        Raises:
          ScaleNetError: If the search cannot continue, such as when every trial fails, or if another process
            searches in the project.
        """
        if self.is_worker:
            super().search()
            return
        try:
            self.oracle.begin(chief=self._role is not None)
            if self._role is not None:
                from scalenet_tf.search.distributed.chief import serve

                serve(self.oracle, self._credentials)
            else:
                super().search()
        finally:
            self.oracle.end()
        if self.oracle.failure:
            raise ScaleNetError(self.oracle.failure)

    def run_trial(self, trial: Trial) -> dict[str, float]:
        """Scores or trains the subnet of a trial; Keras Tuner calls it."""
        values = trial.hyperparameters.values
        stage, base, scaling = decode(self.space, values)
        subnet = scale(self.space, base, scaling)
        with self.oracle.heartbeats(trial.trial_id) if self.is_worker else nullcontext(), _damage_is_fatal():
            if CONFIRM_EPOCHS not in values:
                score = float(self.score(subnet))
            elif self.train is None:
                raise FailedTrialError("`train` must be given to confirm finalists")
            else:
                score = float(self.train(subnet, stage))
        try:
            return {OBJECTIVE: checked_score(score)}
        except ScaleNetError as error:
            raise FailedTrialError(str(error)) from error

    def pre_create_trial(self) -> None:
        # Keras Tuner asks again without a pause while there is nothing to do.
        time.sleep(min(0.05 * self._num_polls, 1.0))
        self._num_polls += 1

    def on_trial_begin(self, trial: Trial) -> None:
        self._num_polls = 0

    def on_trial_end(self, trial: Trial) -> None:
        self.oracle.end_trial(trial)  # Keras Tuner would save the tuner too.

    def save(self) -> None:
        """Saves nothing: the journal of the oracle holds everything."""

    def reload(self) -> None:
        """Does nothing: the constructor reloads the oracle."""


class _FatalDamageError(DamagedFileError, FatalError):
    """Ends the search in Keras Tuner, which takes any other error for a bad subnet and goes on."""


@contextmanager
def _damage_is_fatal() -> Iterator[None]:
    try:
        yield
    except DamagedFileError as error:
        raise _FatalDamageError(str(error)) from error
