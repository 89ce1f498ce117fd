"""Tuning: each way takes the best point of its grid, on seeds that are not reported."""

from __future__ import annotations

import numpy as np

from studies.common.items import Items
from studies.families.families import found
from studies.families.members import accuracies
from studies.families.plan import TUNED_AS, Way, grid_of
from studies.families.study import FIRST_TUNING_SEED, Study, TrialLength, Tuned


def tuning_values(study: Study, items: Items, way: Way) -> dict[Tuned | TrialLength, float | None]:
    """Mean validation accuracy of each grid point over members and seeds; None unless all are trained."""
    return {tuned: _value(study, items, way, tuned) for tuned in grid_of(study, way)}


def tuned_of(study: Study, items: Items, way: Way) -> Tuned | TrialLength | None:
    """The best point of the grid that a way takes, the first among equals; None unless all are known."""
    grid = grid_of(study, way)
    if len(grid) == 1:
        return grid[0]
    values = tuning_values(study, items, TUNED_AS[way])
    known = {tuned: value for tuned, value in values.items() if value is not None}
    return max(known, key=lambda tuned: known[tuned]) if len(known) == len(values) else None


def _value(study: Study, items: Items, way: Way, tuned: Tuned | TrialLength) -> float | None:
    means = []
    for number in range(study.tuning_seeds):
        seed = FIRST_TUNING_SEED + number
        scores = accuracies(items, found(study, items, way, study.tuned_at, tuned, seed), seed)
        if scores is None:
            return None
        means.append(np.mean(scores))
    return float(np.mean(means))
