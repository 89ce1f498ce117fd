"""Variation of bases: crossover and mutation, over many at once."""

from __future__ import annotations

import numpy as np

from scalenet_tf.cost import EncodedBases
from scalenet_tf.space import SearchSpace


def crossover(
    first: EncodedBases, second: EncodedBases, rng: np.random.Generator, rate: float
) -> EncodedBases:
    """With probability `rate`, takes each stage whole from either parent; else copies the first one."""
    count, stages = first.depth.shape
    swap = (rng.random((count, 1)) < rate) & (rng.random((count, stages)) < 0.5)
    return EncodedBases(
        np.where(swap, second.depth, first.depth), np.where(swap[:, :, None], second.ops, first.ops)
    )


def mutate(space: SearchSpace, bases: EncodedBases, rng: np.random.Generator, rate: float) -> EncodedBases:
    """Changes each depth and each op, with probability `rate`, to another one that its stage allows."""
    low, high = np.array([stage.depth for stage in space.stages]).T
    depth = low + _change(bases.depth - low, high - low + 1, rng, rate)
    menus = np.array([len(stage.ops) for stage in space.stages])[:, None]
    ops = _change(bases.ops, menus, rng, rate)
    # Past the parent's depth `ops` holds nothing: a block that a deeper child adds is drawn afresh.
    block = np.arange(ops.shape[2])
    ops = np.where(block < bases.depth[:, :, None], ops, rng.integers(0, menus, size=ops.shape))
    return EncodedBases(depth, ops)


def _change(values: np.ndarray, sizes: np.ndarray, rng: np.random.Generator, rate: float) -> np.ndarray:
    """Moves values in range(sizes) to another one, uniformly; a range of one value allows no move."""
    offset = rng.integers(1, np.maximum(sizes, 2), size=values.shape)
    return np.where(rng.random(values.shape) < rate, (values + offset) % sizes, values)


def genotypes(bases: EncodedBases) -> list[bytes]:
    """One value for each base, equal if and only if the bases are."""
    block = np.arange(bases.ops.shape[2])
    used = np.where(block < bases.depth[:, :, None], bases.ops, -1)
    return [row.tobytes() for row in used]


def new_only(bases: EncodedBases, seen: set[bytes]) -> EncodedBases:
    """The bases that are not in `seen`, each once; adds them to it."""
    kept = []
    for index, genotype in enumerate(genotypes(bases)):
        if genotype not in seen:
            seen.add(genotype)
            kept.append(index)
    return bases[np.array(kept, np.int64)]
