"""The families whose members are all trained: their accuracies and costs, seed by seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.macs import cost
from studies.common.items import Items
from studies.families.curves import Curves
from studies.families.families import Family, compound, costs, found, random_family
from studies.families.members import accuracies
from studies.families.plan import SIDES, Search, Side, searches
from studies.families.study import Study
from studies.families.tuning import tuned_of


@dataclass(frozen=True)
class TrainedFamily:
    """A family of one seed.

    Attributes:
      seed: Seed of the search and of the trainings.
      accuracies: Accuracies of the members, 0 to 1, S0 first.
      macs: Multiply-adds of the members, S0 first.
      cost: Cost of the search, with the keys of `run_search`; empty for a random family.
    """

    seed: int
    accuracies: list[float]
    macs: list[int]
    cost: dict[str, float]

    @property
    def search_macs(self) -> float:
        """Multiply-adds of the search."""
        return self.cost.get("training_macs", 0) + self.cost.get("scoring_macs", 0)


def searched_families(study: Study, items: Items, side: Side, budget: float) -> list[TrainedFamily]:
    """The trained families of a side at a budget."""
    tuned = tuned_of(study, items, side)
    if tuned is None:
        return []
    trained = []
    for seed in range(study.seeds):
        family = found(study, items, side, budget, tuned, seed)
        trained += _trained(items, family, seed, searches(study, side, budget, tuned, seed))
    return trained


def compound_families(study: Study, items: Items) -> list[TrainedFamily]:
    """The trained families of the compound rule; their cost is that of the search of S0 alone."""
    tuned = tuned_of(study, items, "independent")
    if tuned is None:
        return []
    trained = []
    for seed in range(study.seeds):
        paid = (Search(0, study.budgets[-1], tuned, seed),)
        trained += _trained(items, compound(study, items, tuned, seed), seed, paid)
    return trained


def random_families(study: Study, items: Items) -> list[TrainedFamily]:
    """The trained random families, several per seed."""
    families = [
        (seed, random_family(study.space, seed, number))
        for seed in range(study.seeds)
        for number in range(study.random)
    ]
    return [one for seed, family in families for one in _trained(items, family, seed, ())]


def curves(study: Study, items: Items) -> dict[Side, Curves] | None:
    """Both sides over all budgets, from the seeds that are complete; None if there is no such seed."""
    table = {
        side: [searched_families(study, items, side, budget) for budget in study.budgets] for side in SIDES
    }
    complete = [
        seed
        for seed in range(study.seeds)
        if all(seed in {one.seed for one in row} for rows in table.values() for row in rows)
    ]
    if not complete:
        return None
    return {side: _curves(rows, complete) for side, rows in table.items()}


def _curves(rows: list[list[TrainedFamily]], seeds: list[int]) -> Curves:
    picked = [[next(one for one in row if one.seed == seed) for row in rows] for seed in seeds]
    return Curves(
        np.array([[one.search_macs for one in row] for row in picked]),
        np.array([[one.accuracies for one in row] for row in picked]),
    )


def _trained(items: Items, family: Family | None, seed: int, paid: tuple[Search, ...]) -> list[TrainedFamily]:
    """The family if all its members are trained, else nothing."""
    scores = accuracies(items, family, seed)
    if family is None or scores is None:
        return []
    return [TrainedFamily(seed, scores, [cost(subnet).macs for subnet in family], costs(items, paid))]
