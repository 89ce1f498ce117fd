"""A search whose score costs nothing, so that all that is measured is bookkeeping."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import keras_tuner

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.hyperparameters import declare
from scalenet_tf.search.oracle import OBJECTIVE, ScaleNetOracle
from scalenet_tf.search.tuner import ScaleNetTuner
from scalenet_tf.space import SearchSpace, Subnet

# More than 60,000 trials in the first round: later ones would end the search, once nothing changes. Without a
# race: its survivors are so few that at scores without any slope all their children are known after 20,000
# trials, and what is measured then is the drawing of random feasible bases, some 1.3 ms a trial.
CONFIG = SearchConfig(rounds=2, population=64, generations=400, start_bases=20, race=1)


class Enough(KeyboardInterrupt):
    """Ends a search as Ctrl-C does."""


class StockTuner(keras_tuner.Tuner):
    """Keras Tuner's own bookkeeping with a trivial score."""

    def run_trial(
        self, trial: keras_tuner.engine.trial.Trial, act: Callable[[], None], verbose: int
    ) -> dict[str, float]:
        act()
        return {OBJECTIVE: random.Random(trial.trial_id).random()}


def open_project(
    space: SearchSpace, project: Path, seed: int, act: Callable[[], None] = lambda: None
) -> ScaleNetTuner:
    """Our tuner on `project`; `act` is called in each trial."""

    def score(subnet: Subnet) -> float:
        act()
        return random.Random(subnet.key).random()

    return ScaleNetTuner(ScaleNetOracle(space, CONFIG, seed, "benchmark"), score, project)


def stock_search(space: SearchSpace, project: Path, trials: int, act: Callable[[], None]) -> None:
    """Keras Tuner's own random search over the same hyperparameters."""
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective(OBJECTIVE, "max"),
        max_trials=trials + 1,
        hyperparameters=declare(space),
        seed=1,
    )
    tuner = StockTuner(oracle, directory=str(project.parent), project_name=project.name)
    tuner.search(act=act, verbose=0)
