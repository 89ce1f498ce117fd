"""A generation's race: bases that are behind at the small stages are not scored at the large ones.

The stages of a family rank bases alike enough, and a stage costs twice the one before it. The idea is that
of racing (Maron and Moore, 1994) and successive halving (Jamieson and Talwalkar, 2016), over stages.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.search.candidates import Batch, Candidate, Scores, candidates
from scalenet_tf.search.operators import fitness, ranking
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace


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

    What cannot be scored at one stage falls out there. Where a pass loses bases so and ends with none but the
    own ones, the rest run again, twice as large a share going on; what is known is not asked again.

    Args:
      terms: Scalings, weights and place of the race.
      newcomers: A generation.
      share: In (0, 1]; 1 is one heat of all stages at once, for as many workers as there are bases.

    Returns:
      The newcomers that came to the end, in their order, and their fitness: NaN at one that failed there.
      Where all failed, all of them with NaN.
    """
    active = [stage for stage, weight in enumerate(terms.weights) if weight > 0]
    parts = [active] if share == 1 else [[stage] for stage in active]
    decoded = decode(terms.space, newcomers)
    rows: list[Scores] = [[] for _ in decoded]  # by newcomer, what is known of it
    failed = np.zeros(len(decoded), bool)
    first = True
    while not failed.all():
        alive, fallen = np.flatnonzero(~failed), failed.sum()
        for heat, stages in enumerate(parts, start=1):
            known = [terms.weights[stage] for part in parts[:heat] for stage in part]
            new = [n for n in alive if len(rows[n]) < len(known)]
            if new:
                # A pass after the first belongs to the last heat, so that progress does not begin anew.
                place = heat if first else len(parts)
                wanted = _candidates(terms, stages, newcomers[np.array(new)], [decoded[n] for n in new])
                scores = yield Batch("base", terms.round, terms.generation, wanted, place, len(parts))
                for index, n in enumerate(new):
                    rows[n] += scores[index * len(stages) : (index + 1) * len(stages)]
            values = np.array([fitness(rows[n][: len(known)], known) for n in alive])
            failed[alive[np.isnan(values)]] = True
            if heat < len(parts):
                best = ranking(values)[: math.ceil(share * len(alive))]
                kept = (np.isin(np.arange(len(alive)), best) | (alive < terms.own)) & ~np.isnan(values)
                alive = alive[kept]
        others = ~np.isnan(values) & (alive >= terms.own)
        if others.any() or failed.sum() == fallen or (failed[terms.own :].all() and not failed.all()):
            return newcomers[alive], values
        first, share = False, min(2 * share, 1)
    return newcomers, np.full(len(decoded), np.nan)


def _candidates(
    terms: Terms, stages: list[int], encoded: EncodedBases, bases: list[BaseArchitecture]
) -> list[Candidate]:
    """Base by base, each at all `stages`."""
    by_stage = [candidates(terms.space, stage, terms.scalings[stage], encoded, bases) for stage in stages]
    return [candidate for row in zip(*by_stage, strict=True) for candidate in row]
