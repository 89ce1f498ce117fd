"""Each stage searched on its own, in turn: S different bases, no family in the search's sense."""

from __future__ import annotations

import numpy as np

from studies.search_methods.ledger import Truth
from studies.search_methods.methods.evolution import PARAMETERS as PARAMETERS
from studies.search_methods.methods.evolution import evolve
from studies.search_methods.states import Option


def search(truth: Truth, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Its value is the mean over the stages of each one's best score: its optimum is another one."""
    curve: list[float] = []
    seen: set[str] = set()
    best = np.full(truth.stages, np.nan)

    def score(option: Option) -> float:
        return truth.scores[option.key]

    searches = [evolve(truth, stage, parameters, seed, score) for stage in range(truth.stages)]
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
