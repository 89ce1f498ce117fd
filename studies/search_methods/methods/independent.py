"""Each stage searched on its own, in turn, with a base of its own."""

from __future__ import annotations

import numpy as np

from studies.search_methods.methods.evolution import PARAMETERS as PARAMETERS
from studies.search_methods.methods.evolution import evolve
from studies.search_methods.score_table import ScoreTable
from studies.search_methods.states import Option


def search(table: ScoreTable, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Evolves every stage on its own.

    The value is the mean of the best scores of the stages, so its optimum is
    `ScoreTable.independent_optimum`.
    """
    curve: list[float] = []
    seen: set[str] = set()
    best = np.full(table.stages, np.nan)

    def score(option: Option) -> float:
        return table.scores[option.key]

    searches = [evolve(table, stage, parameters, seed, score) for stage in range(table.stages)]
    idle = 0
    while len(curve) < most and idle < 500:
        before = len(curve)
        for stage, stream in enumerate(searches):
            _, option, found = next(stream)
            best[stage] = np.fmax(best[stage], found)
            if option.key not in seen:
                seen.add(option.key)
                curve.append(float(best.mean()))
        idle = idle + 1 if len(curve) == before else 0
    return curve[:most]
