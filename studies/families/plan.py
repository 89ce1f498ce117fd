"""Which searches there are: a side, a budget, a seed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from studies.families.study import FIRST_TUNING_SEED, Study, Tuned

Side = Literal["joint", "independent"]
SIDES: tuple[Side, ...] = ("joint", "independent")


@dataclass(frozen=True)
class Search:
    """A super-supernet and a search with it: of all stages, or of one of them alone.

    Attributes:
      stage: The one; None where all are searched jointly.
      budget: Of the whole side, times the study's multiply-adds.
    """

    stage: int | None
    budget: float
    tuned: Tuned
    seed: int

    @property
    def name(self) -> str:
        """Of its file and of its run."""
        what = "joint" if self.stage is None else f"s{self.stage}"
        return f"{what}_b{self.budget:g}_{self.tuned}_seed{self.seed}"

    @property
    def stage_weights(self) -> tuple[float, ...] | None:
        """Of a search on its own: its stage's menu alone is trained and scored. None: all of them."""
        if self.stage is None:
            return None
        return (0.0, 1.0) if self.stage else (1.0,)


def searches(study: Study, side: Side, budget: float, tuned: Tuned, seed: int) -> tuple[Search, ...]:
    """What a side does for one family."""
    stages = (None,) if side == "joint" else tuple(range(study.stages))
    return tuple(Search(stage, budget, tuned, seed) for stage in stages)


def tuning_searches(study: Study, side: Side) -> list[tuple[Search, ...]]:
    """Every point of the grid with every tuning seed; none where there is no choice."""
    if len(study.grid) == 1:
        return []
    seeds = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + study.tuning_seeds)
    pairs = itertools.product(study.grid, seeds)
    return [searches(study, side, study.tuned_at, tuned, seed) for tuned, seed in pairs]
