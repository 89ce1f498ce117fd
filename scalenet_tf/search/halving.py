"""Successive halving over scaling stages: bases that rank low at a small stage are not scored at larger ones.

The scaling stages of a family rank bases alike enough, and each costs about twice the one before. The idea is
that of racing (Maron and Moore, 1994) and of successive halving (Jamieson and Talwalkar, 2016), with scaling
stages in place of training budgets.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.search.candidates import Candidate, CandidateBatch, Scores, candidates
from scalenet_tf.search.operators import fitness, ranking
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace


@dataclass(frozen=True)
class Generation:
    """A generation of bases to score.

    Attributes:
      space: Search space.
      bases: N different bases.
      scalings: One scaling per scaling stage, S0 first.
      weights: Weight of each scaling stage in the fitness. Stages of weight 0 are not scored.
      round: Round of the search.
      number: Number of the generation in its round.
      elites: Number of leading bases that reach the last rung whatever their scores.
    """

    space: SearchSpace
    bases: EncodedBases
    scalings: tuple[Scaling, ...]
    weights: tuple[float, ...]
    round: int
    number: int
    elites: int = 0


def successive_halving(
    generation: Generation, share: float
) -> Generator[CandidateBatch, Scores, tuple[EncodedBases, np.ndarray]]:
    """Scores a generation one scaling stage after the other, the smallest first: each stage is a rung.

    From each rung the best `share` of the bases goes on to the next. A base that cannot be scored drops out.
    If a pass loses bases in this way and only elites reach its end, the remaining bases get another pass with
    twice the share; scores that are known are not asked for again.

    Args:
      generation: Bases to score, with their scalings and weights.
      share: Share of the bases that goes on to the next rung, in (0, 1]. 1 scores all bases at all stages in
        a single rung, for as many workers as there are bases.

    Yields:
      Batches of candidates, whose scores must be sent back.

    Returns:
      The bases that reached the last rung, in their order, and their fitness: NaN for one that failed there.
      If all bases failed: all of them, with NaN.
    """
    bases, weights, elites = generation.bases, generation.weights, generation.elites
    active = [stage for stage, weight in enumerate(weights) if weight > 0]
    rungs = [active] if share == 1 else [[stage] for stage in active]
    decoded = decode(generation.space, bases)
    known: list[Scores] = [[] for _ in decoded]  # by base, over the active stages
    failed = np.zeros(len(decoded), bool)
    is_first_pass = True
    while not failed.all():
        alive, failed_before = np.flatnonzero(~failed), failed.sum()
        for rung, stages in enumerate(rungs, start=1):
            so_far = [weights[stage] for each in rungs[:rung] for stage in each]
            missing = [n for n in alive if len(known[n]) < len(so_far)]
            if missing:
                # Later passes count as the last rung, so that the progress does not go back.
                shown = rung if is_first_pass else len(rungs)
                batch = _candidates(generation, stages, np.array(missing), [decoded[n] for n in missing])
                scores = yield CandidateBatch(
                    "base", generation.round, generation.number, batch, shown, len(rungs)
                )
                for index, n in enumerate(missing):
                    known[n] += scores[index * len(stages) : (index + 1) * len(stages)]
            values = np.array([fitness(known[n][: len(so_far)], so_far) for n in alive])
            failed[alive[np.isnan(values)]] = True
            if rung < len(rungs):
                best = ranking(values)[: math.ceil(share * len(alive))]
                kept = (np.isin(np.arange(len(alive)), best) | (alive < elites)) & ~np.isnan(values)
                alive = alive[kept]
        survivors = ~np.isnan(values) & (alive >= elites)
        if survivors.any() or failed.sum() == failed_before or (failed[elites:].all() and not failed.all()):
            return bases[alive], values
        is_first_pass, share = False, min(2 * share, 1)
    return bases, np.full(len(decoded), np.nan)


def _candidates(
    generation: Generation, stages: list[int], indices: np.ndarray, bases: list[BaseArchitecture]
) -> list[Candidate]:
    """Returns the candidates of some bases of a generation, base by base, each at all `stages`."""
    encoded = generation.bases[indices]
    by_stage = [
        candidates(generation.space, stage, generation.scalings[stage], encoded, bases) for stage in stages
    ]
    return [candidate for row in zip(*by_stage, strict=True) for candidate in row]
