"""Are two methods different? Paired over seeds, corrected for the number of questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import wilcoxon

RESAMPLES = 2000


@dataclass(frozen=True)
class Contrast:
    """A mean difference over seeds.

    Attributes:
      rival: The other method.
      share: Of the table, that both may score.
      mean, low, high: Ours less the rival's, with a 95 % bootstrap interval.
      p: Two-sided, by Wilcoxon's signed-rank test, after Holm's correction.
    """

    rival: str
    share: float
    mean: float
    low: float
    high: float
    p: float


def contrasts(
    ours: np.ndarray, rivals: dict[str, np.ndarray], shares: tuple[float, ...], rng: np.random.Generator
) -> list[Contrast]:
    """Compares values [seeds, shares] with those of each rival.

    Args:
      ours, rivals: A NaN, nothing found, counts as 0.
      rng: Decides the resamples.
    """
    found, raw = [], []
    for name, theirs in rivals.items():
        for column, share in enumerate(shares):
            gain = np.nan_to_num(ours[:, column]) - np.nan_to_num(theirs[:, column])
            picks = rng.integers(0, len(gain), (RESAMPLES, len(gain)))
            low, high = np.quantile(gain[picks].mean(1), [0.025, 0.975])
            raw.append(float(wilcoxon(gain).pvalue) if np.any(gain) else 1.0)
            found.append((name, share, float(gain.mean()), float(low), float(high)))
    return [Contrast(*row, p) for row, p in zip(found, holm(raw), strict=True)]


def holm(p: list[float]) -> list[float]:
    """Holm's correction: what each p is worth among all of them."""
    corrected, worst = [0.0] * len(p), 0.0
    for rank, index in enumerate(np.argsort(p, kind="stable")):
        worst = max(worst, min(1.0, (len(p) - rank) * p[index]))
        corrected[index] = worst
    return corrected


def evaluations_to(curve: np.ndarray, value: float) -> float:
    """Evaluations until a curve reaches a value; infinite where it never does."""
    reached = np.flatnonzero(curve >= value)
    return float(reached[0] + 1) if len(reached) else float("inf")
