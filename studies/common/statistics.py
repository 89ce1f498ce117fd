"""Tests of whether two methods differ: paired over seeds, corrected for the number of comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

RESAMPLES = 2000


@dataclass(frozen=True)
class Contrast:
    """The mean difference of two methods over seeds.

    Attributes:
      ours: Name of the first method.
      rival: Name of the second method.
      budget: Evaluations of both, as a fraction of the table.
      mean: Mean of ours less the rival's.
      low: Lower end of its 95 % bootstrap interval.
      high: Upper end of that interval.
      p: Two-sided p-value of Wilcoxon's signed-rank test after Holm's correction.
    """

    ours: str
    rival: str
    budget: float
    mean: float
    low: float
    high: float
    p: float


def contrasts(
    values: dict[str, np.ndarray],
    pairs: list[tuple[str, str]],
    budgets: tuple[float, ...],
    rng: np.random.Generator,
) -> list[Contrast]:
    """Compares the methods of each pair at each budget, with Holm's correction over all comparisons.

    Args:
      values: Values by method, [seeds, budgets]. NaN, for no family found, counts as 0.
      pairs: Names of the methods, ours first.
      budgets: Budgets as fractions of the table.
      rng: Draws the resamples.
    """
    found, raw = [], []
    for ours, rival in pairs:
        for column, budget in enumerate(budgets):
            gain = np.nan_to_num(values[ours][:, column]) - np.nan_to_num(values[rival][:, column])
            picks = rng.integers(0, len(gain), (RESAMPLES, len(gain)))
            low, high = np.quantile(gain[picks].mean(1), [0.025, 0.975])
            raw.append(float(wilcoxon(gain).pvalue) if np.any(gain) else 1.0)
            found.append((ours, rival, budget, float(gain.mean()), float(low), float(high)))
    return [Contrast(*row, p) for row, p in zip(found, holm(raw), strict=True)]


def holm(p: list[float]) -> list[float]:
    """The p-values after Holm's correction."""
    corrected, worst = [0.0] * len(p), 0.0
    for rank, index in enumerate(np.argsort(p, kind="stable")):
        worst = max(worst, min(1.0, (len(p) - rank) * p[index]))
        corrected[index] = worst
    return corrected


def evaluations_to(curve: np.ndarray, value: float) -> float:
    """Number of evaluations until a curve reaches a value; infinity if it never does."""
    reached = np.flatnonzero(curve >= value)
    return float(reached[0] + 1) if len(reached) else float("inf")
