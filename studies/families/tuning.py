"""What either side is searched with: the best of the same grid, on seeds that are not reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studies.families.families import found
from studies.families.members import accuracies
from studies.families.plan import Side
from studies.families.study import FIRST_TUNING_SEED, Study, Tuned


def tuning_values(study: Study, folder: Path, side: Side) -> dict[Tuned, float | None]:
    """Mean validation accuracy from scratch over members and tuning seeds; None before all are trained."""
    return {tuned: _value(study, folder, side, tuned) for tuned in study.grid}


def tuned_of(study: Study, folder: Path, side: Side) -> Tuned | None:
    """The best of the grid, of equals the first; None before all of it is known."""
    if len(study.grid) == 1:
        return study.grid[0]
    values = tuning_values(study, folder, side)
    known = {tuned: value for tuned, value in values.items() if value is not None}
    return max(known, key=lambda tuned: known[tuned]) if len(known) == len(values) else None


def _value(study: Study, folder: Path, side: Side, tuned: Tuned) -> float | None:
    reached = []
    for number in range(study.tuning_seeds):
        seed = FIRST_TUNING_SEED + number
        scores = accuracies(folder, found(study, folder, side, study.tuned_at, tuned, seed), seed)
        if scores is None:
            return None
        reached.append(np.mean(scores))
    return float(np.mean(reached))
