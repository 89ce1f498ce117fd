"""Candidates: bases at a scaling, with their costs and phenotypes, many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.costs.macs import costs
from scalenet_tf.search.values import Phase
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.limits import scaled_widths
from scalenet_tf.space.rules import scaled_depth


@dataclass(frozen=True)
class Candidate:
    """A base at a scaling of one scaling stage.

    Attributes:
      scaling_stage: Scaling stage, an index into the menus of the space.
      base: Base architecture.
      scaling: Scaling of the base.
      phenotype: Key of the realised network: equal within a space if and only if the networks are. It is
        cheaper than `Subnet.key`.
      macs: Multiply-adds of the realised network, for one image.
    """

    scaling_stage: int
    base: BaseArchitecture
    scaling: Scaling
    phenotype: bytes
    macs: int


Scores = list[float | None]


@dataclass(frozen=True)
class CandidateBatch:
    """Candidates that must all be scored before the chain continues.

    Attributes:
      phase: Part of the search that the scores are for.
      round: 0 at the start, then 1, 2, ….
      generation: 1, 2, … in phase "base", else 0.
      candidates: Candidates to score. `Mcea` skips those that it has scored before.
      rung: Rung of successive halving, 1 to `rungs` in phase "base", else 1.
      rungs: Rungs of the generation.
    """

    phase: Phase
    round: int
    generation: int
    candidates: list[Candidate]
    rung: int = 1
    rungs: int = 1


def candidates(
    space: SearchSpace,
    scaling_stage: int,
    scaling: Scaling,
    encoded: EncodedBases,
    bases: list[BaseArchitecture] | None = None,
) -> list[Candidate]:
    """Returns bases at one scaling as candidates.

    Args:
      space: Search space.
      scaling_stage: Scaling stage that the scaling belongs to.
      scaling: Scaling of all the bases.
      encoded: N bases.
      bases: The same N bases decoded, if they are at hand.

    Returns:
      N candidates, in the order of the bases.
    """
    bases = decode(space, encoded) if bases is None else bases
    macs = costs(space, encoded, scaling)[:, 0].tolist()
    keys = phenotypes(space, encoded, scaling)
    rows = zip(bases, keys, macs, strict=True)
    return [Candidate(scaling_stage, base, scaling, key, count) for base, key, count in rows]


def phenotypes(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> list[bytes]:
    """Returns one key per base at a scaling of the menus, equal if and only if the networks are."""
    depths = [scaled_depth(n, scaling.depth_thousandths) for n in range(bases.ops.shape[2] + 1)]
    widths = scaled_widths(space, scaling.width_thousandths)
    head = np.array([scaling.resolution, *widths], np.int32).tobytes()
    deepest = max(multiplier for menu in space.menus for multiplier in menu.depth)
    block = np.arange(scaled_depth(bases.ops.shape[2], deepest))
    copied_from = np.minimum(block, bases.depth[:, :, None] - 1)
    realised = np.take_along_axis(bases.ops, copied_from, axis=2)
    realised = np.where(block < np.array(depths)[bases.depth][:, :, None], realised, -1)
    return [head + row.tobytes() for row in realised.astype(np.int16)]
