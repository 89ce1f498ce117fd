"""The searches of the study, by way, budget and seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from studies.families.study import FIRST_TUNING_SEED, Study, TrialLength, Tuned

Way = Literal[
    "joint", "random-scores", "confirmed", "independent", "RandomSearch", "BayesianOptimization", "Hyperband"
]
# Each way with the one whose tuned values it takes: itself, if it is tuned.
TUNED_AS: Mapping[Way, Way] = MappingProxyType(
    {
        "joint": "joint",
        "random-scores": "joint",
        "confirmed": "joint",
        "independent": "independent",
        "RandomSearch": "RandomSearch",
        "BayesianOptimization": "RandomSearch",
        "Hyperband": "RandomSearch",
    }
)
WAYS = tuple(TUNED_AS)
TUNED_WAYS = tuple(dict.fromkeys(TUNED_AS.values()))
# Keras Tuner's own tuners, which train each candidate from scratch and search each stage on its own.
KERAS_TUNERS: tuple[Way, ...] = ("RandomSearch", "BayesianOptimization", "Hyperband")
_ALL_BUDGETS: tuple[Way, ...] = ("joint", "independent")


@dataclass(frozen=True)
class Search:
    """One search: with a super-supernet of its own, with that of another search, or by Keras Tuner.

    Attributes:
      way: The way to search.
      stage: Scaling stage that is searched on its own. None: all stages jointly.
      budget: Budget of the whole way, in units of the study's `macs`.
      tuned: Values of the hyperparameters.
      seed: Seed of the training and the search.
    """

    way: Way
    stage: int | None
    budget: float
    tuned: Tuned | TrialLength
    seed: int

    @property
    def name(self) -> str:
        """Name of the search."""
        if self.way == "independent":
            what = f"s{self.stage}"
        else:
            what = self.way if self.stage is None else f"{self.way}-s{self.stage}"
        return f"{what}_b{self.budget:g}_{self.tuned}_seed{self.seed}"

    @property
    def item(self) -> str:
        """Name of the item that holds the result."""
        return f"searches/{self.name}"

    @property
    def trained_by(self) -> Search:
        """The search whose super-supernet this one takes."""
        return replace(self, way="joint") if self.way == "random-scores" else self

    @property
    def supernet(self) -> Tuned:
        """Values of the hyperparameters of a search with a super-supernet."""
        if not isinstance(self.tuned, Tuned):
            raise TypeError(f"{self.name} has no super-supernet")
        return self.tuned

    @property
    def stage_weights(self) -> tuple[float, ...] | None:
        """Weights of the stages in training and search. None: the weights of the configuration."""
        if self.stage is None:
            return None
        return (0.0, 1.0) if self.stage else (1.0,)


def searches(
    study: Study, way: Way, budget: float, tuned: Tuned | TrialLength, seed: int
) -> tuple[Search, ...]:
    """The searches of a way for one family."""
    alone = way == "independent" or way in KERAS_TUNERS
    stages: Sequence[int | None] = range(study.stages) if alone else (None,)
    return tuple(Search(way, stage, budget, tuned, seed) for stage in stages)


def budgets_of(study: Study, way: Way) -> tuple[float, ...]:
    """The budgets at which a way searches."""
    if way in KERAS_TUNERS:
        return (study.keras_budget,)
    return study.budgets if way in _ALL_BUDGETS else study.budgets[-1:]


def grid_of(study: Study, way: Way) -> tuple[Tuned, ...] | tuple[TrialLength, ...]:
    """The points over which a way is tuned."""
    return study.trial_grid if way in KERAS_TUNERS else study.grid


def tuning_searches(study: Study, way: Way) -> list[tuple[Search, ...]]:
    """The searches that tune a way, by grid point and tuning seed; none if the grid is one point."""
    grid = grid_of(study, way)
    if len(grid) == 1:
        return []
    seeds = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + study.tuning_seeds)
    return [searches(study, way, study.tuned_at, tuned, seed) for tuned in grid for seed in seeds]
