"""Search by Keras Tuner's own tuners: each trial trains a network of one scaling stage from scratch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras_tuner

from studies.common.train_from_scratch import train_from_scratch
from studies.families.best_family import member
from studies.families.budget import search_macs, trained_images
from studies.families.keras_space import KerasSpace
from studies.families.plan import Search
from studies.families.study import Study, TrialLength

_MANY = 10**6  # More trials than any budget pays for.
# Hyperband trains for 1 and 3 epochs; 3 of them have the images of one trial of the other tuners. With more,
# its first bracket alone would spend the budget before it promotes a trial.
_FACTOR, _MOST_EPOCHS, _EPOCHS_OF_A_TRIAL = 3, 3, 3
_FIRST_POINTS = 3  # Random trials before Bayesian optimisation fits its model.


class BudgetSpent(keras_tuner.errors.FatalError):
    """Ends a search: Keras Tuner passes fatal errors on."""


class StageTrials:
    """Trains the networks that Keras Tuner asks for, and remembers the best one.

    Args:
      study: The study.
      search: The search of one scaling stage.
    """

    def __init__(self, study: Study, search: Search) -> None:
        if search.stage is None or not isinstance(search.tuned, TrialLength):
            raise TypeError(f"{search.name} is no search by Keras Tuner")
        self._study, self._search, self._images = study, search, search.tuned.images
        self._stage = search.stage
        self.space = KerasSpace(study.stage_space(search.stage))
        self._most = search_macs(study, search)
        self.spent = self.count = 0
        self.best: dict[str, Any] = {}

    def run(self, hp: keras_tuner.HyperParameters) -> dict[str, float]:
        """Trains the network of a choice, unless the budget is spent.

        Returns:
          Its validation accuracy, as Keras Tuner takes it.

        Raises:
          BudgetSpent: If the trial would pass the budget; the first one is always trained.
        """
        network = self.space.network(hp, self.count)
        images = paid = self._images
        if "tuner/epochs" in hp.values:
            epoch, epochs = self._images // _EPOCHS_OF_A_TRIAL, hp.values["tuner/epochs"]
            # The network is trained anew, with a whole schedule, and pays only for the epochs that are added.
            images, paid = epochs * epoch, (epochs - hp.values["tuner/initial_epoch"]) * epoch
        study = self._study
        price = network.macs * trained_images(paid, study.trained_validation_images)
        if self.best and self.spent + price > self._most:
            raise BudgetSpent
        training, seed = study.short_training(images, study.scratch_learning_rate), self._search.seed
        result = train_from_scratch(study.images_config, training, network.subnet, seed, 0, data_seed=seed)
        self.spent += price
        self.count += 1
        accuracy: float = result["accuracy"]
        if not self.best or accuracy > self.best["score"]:
            self.best = member(self._stage, accuracy, network)
        return {"val_accuracy": accuracy}


def run_keras_search(study: Study, search: Search, folder: Path) -> dict[str, Any]:
    """Searches one scaling stage until the budget is spent.

    Args:
      study: The study.
      search: The search.
      folder: Folder of the study.

    Returns:
      A JSON object as that of `run_search`; trials count as scores.
    """
    begun, cpu_begun = time.monotonic(), time.process_time()
    trials = StageTrials(study, search)
    tuner = _tuner(trials, search, folder / "keras")
    try:
        tuner.search(verbose=0)
    except BudgetSpent:
        pass
    return {
        "members": [trials.best],
        "cost": {
            "training_macs": 0,
            "scores": trials.count,
            "scoring_macs": trials.spent,
            "scoring_seconds": time.monotonic() - begun,
            "scoring_cpu_seconds": time.process_time() - cpu_begun,
        },
    }


def _tuner(trials: StageTrials, search: Search, folder: Path) -> keras_tuner.Tuner:
    """The tuner of the way, with its own defaults apart from what suits so few trials."""
    own: dict[str, Any] = {"max_trials": _MANY}
    if search.way == "BayesianOptimization":
        own["num_initial_points"] = _FIRST_POINTS  # By default three times the hyperparameters: all trials.
    if search.way == "Hyperband":
        own = {"max_epochs": _MOST_EPOCHS, "factor": _FACTOR, "hyperband_iterations": _MANY}
    hp = keras_tuner.HyperParameters()
    trials.space.register(hp)

    class Tuner(getattr(keras_tuner, search.way)):  # type: ignore[misc]
        """A tuner whose trials are trained by the study."""

        def run_trial(self, trial: Any, **_: Any) -> dict[str, float]:
            return trials.run(trial.hyperparameters)

    return Tuner(
        hypermodel=None,
        hyperparameters=hp,
        objective=keras_tuner.Objective("val_accuracy", "max"),
        seed=search.seed,
        directory=folder,
        project_name=search.name,
        overwrite=True,
        **own,
    )
