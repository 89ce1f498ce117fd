"""What the chain wants scored: bases at a scaling, with their costs and phenotypes, many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.costs.macs import costs
from scalenet_tf.search.values import Phase
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.rules import scaled_depth, scaled_width


@dataclass(frozen=True)
class Candidate:
    """A base at a scaling of a stage.

    Attributes:
      stage: The scaling stage.
      base: The base architecture.
      scaling: Its scaling.
      phenotype: Equal within a space if and only if the realised networks are: cheaper than `Subnet.key`.
      macs: Multiply-adds of the realised network.
    """

    stage: int
    base: BaseArchitecture
    scaling: Scaling
    phenotype: bytes
    macs: int


Scores = list[float | None]


@dataclass(frozen=True)
class Batch:
    """Candidates whose scores the chain needs, all of them, before it goes on.

    Attributes:
      phase: What the scores are for.
      round: 0 at the start, then 1, 2, ….
      generation: 1, 2, … in phase "base", else 0.
      candidates: What is to be scored; `Mcea` leaves out what it has scored before.
      heat: 1, 2, … up to `heats`: the part of the generation, see `racing`.
    """

    phase: Phase
    round: int
    generation: int
    candidates: list[Candidate]
    heat: int = 1
    heats: int = 1


def candidates(
    space: SearchSpace,
    stage: int,
    scaling: Scaling,
    encoded: EncodedBases,
    bases: list[BaseArchitecture] | None = None,
) -> list[Candidate]:
    """Bases at one scaling; `bases` are the decoded ones, where they are at hand."""
    bases = decode(space, encoded) if bases is None else bases
    macs = costs(space, encoded, scaling)[:, 0].tolist()
    keys = phenotypes(space, encoded, scaling)
    rows = zip(bases, keys, macs, strict=True)
    return [Candidate(stage, base, scaling, key, count) for base, key, count in rows]


def phenotypes(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> list[bytes]:
    """One value for each base at a scaling of the menus, equal if and only if the networks are."""
    depths = [scaled_depth(n, scaling.depth_thousandths) for n in range(bases.ops.shape[2] + 1)]
    widths = [space.stem_width, *(stage.width for stage in space.stages)]
    ends = [scaled_width(width, scaling.width_thousandths, space.width_divisor) for width in widths]
    head = np.array([scaling.resolution, *ends], np.int32).tobytes()
    deepest = max(multiplier for menu in space.menus for multiplier in menu.depth)
    block = np.arange(scaled_depth(bases.ops.shape[2], deepest))
    taken = np.minimum(block, bases.depth[:, :, None] - 1)
    realised = np.take_along_axis(bases.ops, taken, axis=2)
    realised = np.where(block < np.array(depths)[bases.depth][:, :, None], realised, -1)
    return [head + row.tobytes() for row in realised.astype(np.int16)]
