"""Selection: who is better, who survives, who becomes a parent.

A fitness is a mean accuracy, or NaN where one of its parts could not be scored: then it ranks last.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
