"""EfficientNet's way: find the best base for S0, then fit one compound rule to the best scaling of S1."""

from __future__ import annotations

import math

import numpy as np

from scalenet_tf.extrapolation.fit_to_budget import realised_ratios
from studies.search_methods.methods.evolution import PARAMETERS as PARAMETERS
from studies.search_methods.methods.evolution import evolve
from studies.search_methods.score_table import ScoreTable
from studies.search_methods.states import Option


def search(table: ScoreTable, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Searches a base for S0 by evolution, then scales it by a compound rule.

    The value after n evaluations is that of a base search that leaves enough of the n for its scalings. Only
    a base that has all stages may be chosen.
    """
    seen: set[str] = set()
    best: tuple[float, int] | None = None
    ends: list[tuple[int, float]] = []  # number of evaluations, value
    complete = set(table.states.complete)
    families: dict[int, tuple[set[str], float]] = {}
    idle = 0
    for base, option, score in evolve(table, 0, parameters, seed, lambda option: table.scores[option.key]):
        idle = idle + 1 if option.key in seen else 0
        seen.add(option.key)
        if base in complete and (best is None or score > best[0]):
            best = score, base
        if best is not None and not idle:
            if best[1] not in families:
                families[best[1]] = _family(table, best[1])
            scored, value = families[best[1]]
            ends.append((len(seen | scored), value))
        if len(seen) >= most or idle > 200:
            break
    curve = np.full(most, np.nan)
    for total, value in ends:
        curve[total - 1 :] = value
    return curve.tolist()


def _family(table: ScoreTable, base: int) -> tuple[set[str], float]:
    """Keys of the networks that the rule scores for a base, and the value of the family."""
    menus = table.states.options[base]
    first = menus[0][0]
    grid = menus[1]
    scored = {first.key, *(option.key for option in grid)}
    family = [first, table.best(grid)]
    growth = [math.log(ratio) for ratio in realised_ratios(family[1].subnet, first.subnet)]
    for stage in range(2, table.stages):
        wanted = [stage * rate for rate in growth]
        family.append(min(menus[stage], key=lambda option: _distance(option, first, wanted)))
        scored.add(family[-1].key)
    return scored, table.value(family)


def _distance(option: Option, first: Option, wanted: list[float]) -> float:
    ratios = realised_ratios(option.subnet, first.subnet)
    return math.dist([math.log(ratio) for ratio in ratios], wanted)
