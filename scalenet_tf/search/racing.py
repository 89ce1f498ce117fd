"""A generation's race: bases that are behind at the small stages are not scored at the large ones.

The stages of a family rank bases alike enough, and a stage costs twice the one before it. The idea is that
of racing (Maron and Moore, 1994) and successive halving (Jamieson and Talwalkar, 2016), over stages.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from scalenet_tf.cost import EncodedBases, decode
from scalenet_tf.search.candidates import Batch, Scores, candidates
from scalenet_tf.search.selection import fitness, ranking
from scalenet_tf.space import Scaling, SearchSpace


@dataclass(frozen=True)
class Terms:
    """What a race is run under.

    Attributes:
      space: The space.
      scalings: The scaling of each stage, S0 first.
      weights: The weight of each stage in the fitness; stages of weight 0 take no part.
      round: Of the search.
      generation: Of the round.
      own: So many of the newcomers, the first ones, go on whatever their scores.
    """

    space: SearchSpace
    scalings: tuple[Scaling, ...]
    weights: tuple[float, ...]
    round: int
    generation: int
    own: int = 0


def race(
    terms: Terms, newcomers: EncodedBases, share: float
) -> Generator[Batch, Scores, tuple[EncodedBases, np.ndarray]]:
    """Scores newcomers stage by stage, the smallest first; the best `share` of them goes on each time.

    Where none of those at the end could be scored at all stages, all newcomers are, without a race.

    Args:
      terms: Scalings, weights and place of the race.
      newcomers: A generation.
      share: In (0, 1]; 1 is one heat of all stages at once, for as many workers as there are bases.

    Returns:
      The newcomers that came to the end, in their order, and their fitness.
    """
    active = [stage for stage, weight in enumerate(terms.weights) if weight > 0]
    parts = [active] if share == 1 else [[stage] for stage in active]
    decoded = decode(terms.space, newcomers)
    rows: list[Scores] = [[] for _ in decoded]  # by newcomer, what is known of it
    alive = np.arange(len(decoded))
    for heat, stages in enumerate(parts, start=1):
        bases = [decoded[n] for n in alive]
        by_stage = [
            candidates(terms.space, stage, terms.scalings[stage], newcomers[alive], bases) for stage in stages
        ]
        wanted = [candidate for row in zip(*by_stage, strict=True) for candidate in row]
        scores = yield Batch("base", terms.round, terms.generation, wanted, heat, len(parts))
        for place, n in enumerate(alive):
            rows[n] += scores[place * len(stages) : (place + 1) * len(stages)]
        known = [terms.weights[stage] for part in parts[:heat] for stage in part]
        values = np.array([fitness(rows[n], known) for n in alive])
        if heat < len(parts):
            best = ranking(values)[: math.ceil(share * len(alive))].tolist()
            kept = sorted({*range(min(terms.own, len(alive))), *best})
            alive, values = alive[kept], values[kept]
    if share < 1 and len(values) and np.isnan(values).all():
        return (yield from race(terms, newcomers, 1))
    return newcomers[alive], values
