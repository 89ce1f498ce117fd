"""Tuning: each side takes the best point of the same grid, on seeds that are not reported."""

from __future__ import annotations

import numpy as np

from studies.common.items import Items
from studies.families.families import found
from studies.families.members import accuracies
from studies.families.plan import Side
from studies.families.study import FIRST_TUNING_SEED, Study, Tuned


def tuning_values(study: Study, items: Items, side: Side) -> dict[Tuned, float | None]:
    """Mean validation accuracy of each grid point over members and seeds; None unless all are trained."""
    return {tuned: _value(study, items, side, tuned) for tuned in study.grid}


def tuned_of(study: Study, items: Items, side: Side) -> Tuned | None:
    """The best point of the grid, the first among equals; None unless all points are known."""
    if len(study.grid) == 1:
        return study.grid[0]
    values = tuning_values(study, items, side)
    known = {tuned: value for tuned, value in values.items() if value is not None}
    return max(known, key=lambda tuned: known[tuned]) if len(known) == len(values) else None


def _value(study: Study, items: Items, side: Side, tuned: Tuned) -> float | None:
    means = []
    for number in range(study.tuning_seeds):
        seed = FIRST_TUNING_SEED + number
        scores = accuracies(items, found(study, items, side, study.tuned_at, tuned, seed), seed)
        if scores is None:
            return None
        means.append(np.mean(scores))
    return float(np.mean(means))
