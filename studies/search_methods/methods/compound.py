"""EfficientNet's way: the best base alone, then one compound rule from a grid at S1 for all stages."""

from __future__ import annotations

import math

import numpy as np

from scalenet_tf.extrapolation.settle import realised
from studies.search_methods.ledger import Truth
from studies.search_methods.methods.evolution import PARAMETERS as PARAMETERS
from studies.search_methods.methods.evolution import evolve
from studies.search_methods.states import Option


def search(truth: Truth, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """For each n, what the way gives where its base search has all but the scaling's share of n.

    The base search scores S0 alone; it may only settle on a base that has all stages.
    """
    seen: set[str] = set()
    best: tuple[float, int] | None = None
    ends: list[tuple[int, float]] = []  # total evaluations, value
    whole = set(truth.states.whole)
    families: dict[int, tuple[set[str], float]] = {}
    idle = 0
    for base, option, score in evolve(truth, 0, parameters, seed, lambda option: truth.scores[option.key]):
        idle = idle + 1 if option.key in seen else 0
        seen.add(option.key)
        if base in whole and (best is None or score > best[0]):
            best = score, base
        if best is not None and not idle:
            if best[1] not in families:
                families[best[1]] = _family(truth, best[1])
            scored, value = families[best[1]]
            ends.append((len(seen | scored), value))
        if len(seen) >= most or idle > 200:
            break
    curve = np.full(most, np.nan)
    for total, value in ends:
        curve[total - 1 :] = value
    return curve.tolist()


def _family(truth: Truth, base: int) -> tuple[set[str], float]:
    """The keys that the rule scores for a base, and the mean score of its family."""
    menus = truth.states.options[base]
    first = menus[0][0]
    grid = menus[1]
    scored = {first.key, *(option.key for option in grid)}
    family = [first, truth.best(grid)]
    growth = [math.log(ratio) for ratio in realised(family[1].subnet, first.subnet)]
    for stage in range(2, truth.stages):
        wanted = [stage * rate for rate in growth]
        family.append(min(menus[stage], key=lambda option: _distance(option, first, wanted)))
        scored.add(family[-1].key)
    return scored, truth.value(family)


def _distance(option: Option, first: Option, wanted: list[float]) -> float:
    ratios = realised(option.subnet, first.subnet)
    return math.dist([math.log(ratio) for ratio in ratios], wanted)
