"""Joint search against the other ways, and all of them against random families, paired over seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studies.common.items import Items
from studies.common.statistics import holm
from studies.families.curves import Interval, paired_interval
from studies.families.labels import EFFICIENTNETS_RULE, LABELS, RANDOM
from studies.families.plan import KERAS_TUNERS, Way
from studies.families.study import Study
from studies.families.trained import (
    TrainedFamily,
    compound_families,
    mean_by_seed,
    random_families,
    searched_families,
)

_AT_LAST: tuple[Way, ...] = ("random-scores", "confirmed")


@dataclass(frozen=True)
class Comparison:
    """The mean difference of two ways over the seeds that both have.

    Attributes:
      ours: The first way with its budget.
      theirs: The other way with its budget.
      seeds: Number of seeds.
      gain: Mean difference of a family's mean accuracy, 0 to 1, with its interval.
      p: Two-sided p-value of the paired t-test after Holm's correction over all comparisons; NaN with one
        seed.
    """

    ours: str
    theirs: str
    seeds: int
    gain: Interval
    p: float


def comparisons(study: Study, items: Items) -> list[Comparison]:
    """Joint search less every other way at the same budget, less Keras Tuner also at the lowest one.

    Over all budgets it is compared with independent search and random families. Then every other way at its
    last budget less random families. EfficientNet's rule and random families cost what they cost: less.
    """
    first, last, keras = study.budgets[0], study.budgets[-1], study.keras_budget

    def at(way: Way, budget: float) -> tuple[str, list[TrainedFamily]]:
        return f"{LABELS[way]}, {budget:g}", searched_families(study, items, way, budget)

    pairs = [(at("joint", budget), at("independent", budget)) for budget in study.budgets]
    pairs += [(at("joint", last), at(way, last)) for way in _AT_LAST]
    for budget in dict.fromkeys((keras, first)):
        pairs += [(at("joint", budget), at(way, keras)) for way in KERAS_TUNERS]
    rule = EFFICIENTNETS_RULE, compound_families(study, items)
    drawn = RANDOM, random_families(study, items)
    pairs += [(at("joint", last), rule), (at("joint", last), drawn)]
    joint = ("joint, all budgets", _of_all_budgets(study, items, "joint"))
    alone = ("independent, all budgets", _of_all_budgets(study, items, "independent"))
    pairs += [(joint, alone), (joint, drawn), (alone, drawn)]
    pairs += [(at(way, last), drawn) for way in _AT_LAST]
    pairs += [(at(way, keras), drawn) for way in KERAS_TUNERS] + [(rule, drawn)]
    found = [_compared(*pair) for pair in pairs]
    whole = [one for one in found if one is not None]
    corrected = iter(holm([one.p for one in whole if not np.isnan(one.p)]))
    return [one if np.isnan(one.p) else replace(one, p=next(corrected)) for one in whole]


def _of_all_budgets(study: Study, items: Items, way: Way) -> list[TrainedFamily]:
    """The families of the seeds that have one at every budget; their mean has less noise than one of them."""
    found = [searched_families(study, items, way, budget) for budget in study.budgets]
    seeds = set.intersection(*({family.seed for family in families} for families in found))
    return [family for families in found for family in families if family.seed in seeds]


def _compared(
    ours: tuple[str, list[TrainedFamily]], theirs: tuple[str, list[TrainedFamily]]
) -> Comparison | None:
    """The comparison before the correction, or None if the two have no seed in common."""
    (name, mine), (rival, others) = ours, theirs
    first, second = mean_by_seed(mine), mean_by_seed(others)
    gain = np.array([first[seed] - second[seed] for seed in first if seed in second])
    if not len(gain):
        return None
    return Comparison(name, rival, len(gain), *paired_interval(gain))
