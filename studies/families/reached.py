"""What is there of a study: accuracies and costs of each way, seed by seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalenet_tf.costs.macs import cost
from studies.families.curves import Curves
from studies.families.families import Family, compound, costs, found, random_family
from studies.families.members import accuracies
from studies.families.plan import Search, Side, searches
from studies.families.study import Study
from studies.families.tuning import tuned_of


@dataclass(frozen=True)
class Reached:
    """One family of one seed, trained.

    Attributes:
      accuracies, macs: Of its members, S0 first.
      cost: What its search took, by the names of `searching.run_search`; empty for a random family.
    """

    seed: int
    accuracies: list[float]
    macs: list[int]
    cost: dict[str, float]

    @property
    def search_macs(self) -> float:
        return self.cost.get("training_macs", 0) + self.cost.get("scoring_macs", 0)


def searched(study: Study, folder: Path, side: Side, budget: float) -> list[Reached]:
    """The families of a side at a budget, of the seeds that are done."""
    tuned = tuned_of(study, folder, side)
    if tuned is None:
        return []
    reached = []
    for seed in range(study.seeds):
        family = found(study, folder, side, budget, tuned, seed)
        done = searches(study, side, budget, tuned, seed)
        reached += _reached(folder, family, seed, done)
    return reached


def by_rule(study: Study, folder: Path) -> list[Reached]:
    """The compound families: each paid for the search of S0 alone."""
    tuned = tuned_of(study, folder, "independent")
    if tuned is None:
        return []
    reached = []
    for seed in range(study.seeds):
        done = (Search(0, study.budgets[-1], tuned, seed),)
        reached += _reached(folder, compound(study, folder, tuned, seed), seed, done)
    return reached


def at_random(study: Study, folder: Path) -> list[Reached]:
    """The random families, several of each seed."""
    families = [
        (seed, random_family(study.space, seed, number))
        for seed in range(study.seeds)
        for number in range(study.random)
    ]
    return [one for seed, family in families for one in _reached(folder, family, seed, ())]


def curves(study: Study, folder: Path) -> dict[Side, Curves] | None:
    """Both sides over all budgets, of the seeds in which all of that is done; None where there is none."""
    sides: tuple[Side, ...] = ("joint", "independent")
    table = {side: [searched(study, folder, side, budget) for budget in study.budgets] for side in sides}
    whole = [
        seed
        for seed in range(study.seeds)
        if all(seed in {one.seed for one in row} for rows in table.values() for row in rows)
    ]
    if not whole:
        return None
    return {side: _curves(rows, whole) for side, rows in table.items()}


def _curves(rows: list[list[Reached]], seeds: list[int]) -> Curves:
    picked = [[next(one for one in row if one.seed == seed) for row in rows] for seed in seeds]
    return Curves(
        np.array([[one.search_macs for one in row] for row in picked]),
        np.array([[one.accuracies for one in row] for row in picked]),
    )


def _reached(folder: Path, family: Family | None, seed: int, done: tuple[Search, ...]) -> list[Reached]:
    """The family where it is trained, else nothing."""
    scores = accuracies(folder, family, seed)
    if family is None or scores is None:
        return []
    return [Reached(seed, scores, [cost(subnet).macs for subnet in family], costs(folder, done))]
