"""Intervals and tests for values that are not independent within a grid."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from studies.common.statistics import RESAMPLES

Groups = Sequence[Sequence[np.ndarray]]  # values by grid and family


def interval(groups: Groups, rng: np.random.Generator) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean of all values.

    Grids are resampled, and in each drawn grid its families, with all of their values. With one grid, only
    families are.

    Args:
      groups: Values by grid and family.
      rng: Draws the resamples.
    """
    sums, counts = np.zeros(RESAMPLES), np.zeros(RESAMPLES)
    for drawn in rng.integers(0, len(groups), (len(groups), RESAMPLES)):
        for number, families in enumerate(groups):
            here = drawn == number
            totals = np.array([family.sum() for family in families])
            sizes = np.array([len(family) for family in families])
            picks = rng.integers(0, len(families), (int(here.sum()), len(families)))
            sums[here] += totals[picks].sum(axis=1)
            counts[here] += sizes[picks].sum(axis=1)
    low, high = np.quantile(sums / counts, [0.025, 0.975])
    return float(low), float(high)


def sign_flip_p(groups: Groups) -> float:
    """Two-sided p-value of the mean of paired differences, whose signs are flipped grid by grid.

    All 2^n flips of n grids are tried, so it is exact if the grids are independent.

    Args:
      groups: Differences by grid and family.
    """
    totals = np.array([sum(family.sum() for family in families) for families in groups])
    flips = np.array(list(itertools.product((1, -1), repeat=len(totals))))
    sums = np.abs(flips @ totals)
    return float(np.mean(sums >= abs(totals.sum()) - 1e-9))
