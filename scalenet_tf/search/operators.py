"""Operators of the evolution: crossover, mutation, fitness, ranking and tournament selection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.space import SearchSpace


def crossover(
    first: EncodedBases, second: EncodedBases, rng: np.random.Generator, rate: float
) -> EncodedBases:
    """Crosses pairs of parents stage by stage.

    Args:
      first: N parents.
      second: N other parents.
      rng: Source of randomness.
      rate: Probability in [0, 1] that a pair is crossed: each stage of the child then comes whole from
        either parent. Otherwise the child is a copy of the first parent.

    Returns:
      N children.
    """
    count, stages = first.depth.shape
    swap = (rng.random((count, 1)) < rate) & (rng.random((count, stages)) < 0.5)
    return EncodedBases(
        np.where(swap, second.depth, first.depth), np.where(swap[:, :, None], second.ops, first.ops)
    )


def mutate(space: SearchSpace, bases: EncodedBases, rng: np.random.Generator, rate: float) -> EncodedBases:
    """Returns N bases whose depths and ops have changed, each with probability `rate`, to another choice."""
    low, high = np.array([stage.depth for stage in space.stages]).T
    depth = low + _change(bases.depth - low, high - low + 1, rng, rate)
    menus = np.array([len(stage.ops) for stage in space.stages])[:, None]
    ops = _change(bases.ops, menus, rng, rate)
    # `ops` is undefined past the depth of the parent, so the blocks that a deeper child adds are drawn again.
    block = np.arange(ops.shape[2])
    ops = np.where(block < bases.depth[:, :, None], ops, rng.integers(0, menus, size=ops.shape))
    return EncodedBases(depth, ops)


def _change(values: np.ndarray, sizes: np.ndarray, rng: np.random.Generator, rate: float) -> np.ndarray:
    """Changes values in range(sizes) to another one, uniformly. A range of one value stays as it is."""
    offset = rng.integers(1, np.maximum(sizes, 2), size=values.shape)
    return np.where(rng.random(values.shape) < rate, (values + offset) % sizes, values)


def fitness(scores: Sequence[float | None], weights: Sequence[float]) -> float:
    """Returns the weighted mean of scores, or NaN if one of weight > 0 is missing."""
    pairs = [(score, weight) for score, weight in zip(scores, weights, strict=True) if weight > 0]
    known = [(score, weight) for score, weight in pairs if score is not None]
    if len(known) < len(pairs):
        return float("nan")
    return sum(score * weight for score, weight in known) / sum(weight for _, weight in known)


def ranking(values: np.ndarray) -> np.ndarray:
    """Returns the indices of values [N] from best to worst: int64 [N], ties in order, NaN last."""
    return np.argsort(-np.asarray(values, float), kind="stable")


def tournament(values: np.ndarray, rng: np.random.Generator, count: int) -> np.ndarray:
    """Returns `count` indices into values [N], each the better of two random ones: int64 [count]."""
    ranks = rng.integers(0, len(values), size=(count, 2)).min(axis=1)
    return ranking(values)[ranks]
