"""Searches with trivial scores, so that only their bookkeeping is measured."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import keras_tuner

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.hyperparameters import declare
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.tuner import ScaleNetTuner
from scalenet_tf.space import SearchSpace, Subnet

# The first round has more than 60,000 trials, because the search ends once a round changes nothing. There
# is no successive halving: with random scores all children of the few survivors would be known after 20,000
# trials, and the rest would measure how random feasible bases are drawn, 1.3 ms per trial.
CONFIG = SearchConfig(rounds=2, population=64, generations=400, start_bases=20, halving=1)


class Enough(KeyboardInterrupt):
    """Ends a search, as Ctrl-C does."""


class StockTuner(keras_tuner.Tuner):
    """Keras Tuner's own tuner with a trivial score."""

    def run_trial(self, trial: Trial, call: Callable[[], None], verbose: int) -> dict[str, float]:
        call()
        return {OBJECTIVE: random.Random(trial.trial_id).random()}


def open_project(
    space: SearchSpace, project: Path, seed: int, call: Callable[[], None] = lambda: None
) -> ScaleNetTuner:
    """The product's tuner.

    Args:
      space: The space.
      project: Folder of the search.
      seed: Seed of the search.
      call: Called in each trial.
    """

    def score(subnet: Subnet) -> float:
        call()
        return random.Random(subnet.key).random()

    return ScaleNetTuner(ScaleNetOracle(SearchProblem(space, CONFIG, seed), "benchmark"), score, project)


def stock_search(space: SearchSpace, project: Path, trials: int, call: Callable[[], None]) -> None:
    """Runs Keras Tuner's own random search over the same hyperparameters.

    Args:
      space: The space.
      project: Folder of the search.
      trials: Number of trials.
      call: Called in each trial.
    """
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective(OBJECTIVE, "max"),
        max_trials=trials + 1,
        hyperparameters=declare(space),
        seed=1,
    )
    tuner = StockTuner(oracle, directory=str(project.parent), project_name=project.name)
    tuner.search(call=call, verbose=0)
