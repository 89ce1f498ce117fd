"""The families whose members are all trained: their accuracies and costs, seed by seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.macs import cost
from studies.common.items import Items
from studies.families.curves import Curves
from studies.families.families import Family, compound, costs, found, random_family
from studies.families.members import accuracies
from studies.families.plan import Search, Way, budgets_of, searches
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
        return sum(self.cost.get(name, 0) for name in ("training_macs", "scoring_macs", "finalist_macs"))


def searched_families(study: Study, items: Items, way: Way, budget: float) -> list[TrainedFamily]:
    """The trained families of a way at a budget."""
    tuned = tuned_of(study, items, way)
    if tuned is None:
        return []
    trained = []
    for seed in range(study.seeds):
        family = found(study, items, way, budget, tuned, seed)
        trained += _trained(items, family, seed, searches(study, way, budget, tuned, seed))
    return trained


def compound_families(study: Study, items: Items) -> list[TrainedFamily]:
    """The trained families of the compound rule; their cost is that of the search of S0 alone."""
    tuned = tuned_of(study, items, "independent")
    if tuned is None:
        return []
    trained = []
    for seed in range(study.seeds):
        paid = (Search("independent", 0, study.budgets[-1], tuned, seed),)
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


def mean_by_seed(families: list[TrainedFamily]) -> dict[int, float]:
    """The mean accuracy of the families of each seed, 0 to 1."""
    seeds = sorted({one.seed for one in families})
    return {seed: float(np.mean([one.accuracies for one in families if one.seed == seed])) for seed in seeds}


def curves(study: Study, items: Items, ways: tuple[Way, Way]) -> tuple[Curves, Curves] | None:
    """Two ways over all their budgets, from the seeds that both have whole; None if there is none."""
    table = [
        [searched_families(study, items, way, budget) for budget in budgets_of(study, way)] for way in ways
    ]
    complete = [
        seed
        for seed in range(study.seeds)
        if all(seed in {one.seed for one in row} for rows in table for row in rows)
    ]
    if not complete:
        return None
    ours, theirs = (_curves(rows, complete) for rows in table)
    return ours, theirs


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
