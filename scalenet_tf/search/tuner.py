"""Joins the oracle and the scoring of a subnet; builds nothing per trial."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import keras_tuner
from keras_tuner.errors import FailedTrialError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial, has_chief_oracle, is_chief_oracle
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale


class ScaleNetTuner(keras_tuner.Tuner):
    """Scores the oracle's trials, in one process or, by Keras Tuner's KERASTUNER_* variables, in many.

    A project is resumed where there is one, and never overwritten.

    Args:
      oracle: What decides which subnets are scored.
      score: Returns the accuracy of a subnet. An exception, or a number that is not finite, makes the trial
        FAILED, and the search goes on.
      project: The project's folder.

    Raises:
      ScaleNetError: if the folder holds another search.

    Example:
      >>> tuner = ScaleNetTuner(oracle, scorer.score, run.search)
      >>> tuner.search()
      >>> tuner.results_summary()
    """

    def __init__(self, oracle: ScaleNetOracle, score: Callable[[Subnet], float], project: str | Path) -> None:
        project = Path(project)
        super().__init__(oracle, directory=str(project.parent), project_name=project.name)
        self.space, self.score = oracle.problem.space, score
        self._num_polls = 0
        if self.is_worker:
            from scalenet_tf.search.distributed.client import PatientClient

            self.oracle = PatientClient(oracle)
        else:
            # Keras Tuner would look for a file named after this process' role, and restart under another.
            self.oracle.reload()

    @property
    def is_worker(self) -> bool:
        """Whether this process scores for a chief elsewhere, which holds the results."""
        return bool(has_chief_oracle() and not is_chief_oracle())

    def search(self) -> None:
        """Runs trials until the search is finished; as the chief, serves the workers until then.

        Raises:
          ScaleNetError: if the search cannot go on, such as when every trial fails, or if another process
            searches in the project.
        """
        if self.is_worker:
            super().search()
            return
        try:
            self.oracle.begin()
            if is_chief_oracle():
                from scalenet_tf.search.distributed.chief import serve

                serve(self.oracle)
            else:
                super().search()
        finally:
            self.oracle.end()
        if self.oracle.failure:
            raise ScaleNetError(self.oracle.failure)

    def run_trial(self, trial: Trial) -> dict[str, float]:
        _, base, scaling = decode(self.space, trial.hyperparameters.values)
        with self.oracle.alive() if self.is_worker else nullcontext():
            score = float(self.score(scale(self.space, base, scaling)))
        if not math.isfinite(score):
            raise FailedTrialError(f"the score is {score}")
        return {OBJECTIVE: score}

    def pre_create_trial(self) -> None:
        # Keras Tuner asks again without a pause when there is nothing to do yet.
        time.sleep(min(0.05 * self._num_polls, 1.0))
        self._num_polls += 1

    def on_trial_begin(self, trial: Trial) -> None:
        self._num_polls = 0

    def on_trial_end(self, trial: Trial) -> None:
        self.oracle.end_trial(trial)  # and nothing more: the journal has it

    def save(self) -> None:
        """The oracle's journal holds everything."""

    def reload(self) -> None:
        """See `__init__`."""
