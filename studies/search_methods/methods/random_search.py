"""Random search."""

from __future__ import annotations

import numpy as np

from studies.search_methods.score_table import CountingScorer, ScoreTable

PARAMETERS: tuple[dict[str, int], ...] = ({},)


def search(table: ScoreTable, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Scores all networks of random states: a base, and a scaling of each stage."""
    rng = np.random.default_rng(seed)
    scorer, states = CountingScorer(table, most), table.states
    idle = 0
    while not scorer.spent and idle < 10_000:
        before = len(scorer.curve)
        for menu in states.options[rng.choice(states.complete)]:
            scorer.score(menu[rng.integers(len(menu))])
        idle = idle + 1 if len(scorer.curve) == before else 0
    return scorer.curve[:most]
