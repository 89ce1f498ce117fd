"""Variation of bases: crossover and mutation, over many at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
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


def fitness(scores: Sequence[float | None], weights: Sequence[float]) -> float:
    """The weighted mean of the scores; those of weight 0 are not looked at; NaN where one is missing."""
    pairs = [(score, weight) for score, weight in zip(scores, weights, strict=True) if weight > 0]
    known = [(score, weight) for score, weight in pairs if score is not None]
    if len(known) < len(pairs):
        return float("nan")
    return sum(score * weight for score, weight in known) / sum(weight for _, weight in known)


def ranking(values: np.ndarray) -> np.ndarray:
    """Indices from best to worst: int64 [N]; NaN last, equal ones in their order."""
    return np.argsort(-np.asarray(values, float), kind="stable")


def tournament(values: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    """`count` indices, each the better one of two drawn at random: int64 [count]."""
    ranks = rng.integers(0, len(values), size=(count, 2)).min(axis=1)
    return ranking(values)[ranks]
