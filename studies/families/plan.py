"""The searches of the study, by side, budget and seed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from studies.families.study import FIRST_TUNING_SEED, Study, Tuned

Side = Literal["joint", "independent"]
SIDES: tuple[Side, ...] = ("joint", "independent")


@dataclass(frozen=True)
class Search:
    """One super-supernet and the search with it.

    Attributes:
      stage: Scaling stage that is searched on its own. None: all stages jointly.
      budget: Budget of the whole side, in units of the study's `macs`.
      tuned: Values of the hyperparameters.
      seed: Seed of the training and the search.
    """

    stage: int | None
    budget: float
    tuned: Tuned
    seed: int

    @property
    def name(self) -> str:
        """Name of the search and of its run."""
        what = "joint" if self.stage is None else f"s{self.stage}"
        return f"{what}_b{self.budget:g}_{self.tuned}_seed{self.seed}"

    @property
    def item(self) -> str:
        """Name of the item that holds the result."""
        return f"searches/{self.name}"

    @property
    def stage_weights(self) -> tuple[float, ...] | None:
        """Weights of the stages in training and search. None: the weights of the configuration."""
        if self.stage is None:
            return None
        return (0.0, 1.0) if self.stage else (1.0,)


def searches(study: Study, side: Side, budget: float, tuned: Tuned, seed: int) -> tuple[Search, ...]:
    """The searches of a side for one family."""
    stages = (None,) if side == "joint" else tuple(range(study.stages))
    return tuple(Search(stage, budget, tuned, seed) for stage in stages)


def tuning_searches(study: Study, side: Side) -> list[tuple[Search, ...]]:
    """The searches that tune a side, by grid point and tuning seed; none if the grid is one point."""
    if len(study.grid) == 1:
        return []
    seeds = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + study.tuning_seeds)
    pairs = itertools.product(study.grid, seeds)
    return [searches(study, side, study.tuned_at, tuned, seed) for tuned, seed in pairs]
