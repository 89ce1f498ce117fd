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
      ours, rival: The two methods.
      share: Of the table, that both may score.
      mean, low, high: Ours less the rival's, with a 95 % bootstrap interval.
      p: Two-sided, by Wilcoxon's signed-rank test, after Holm's correction.
    """

    ours: str
    rival: str
    share: float
    mean: float
    low: float
    high: float
    p: float


def contrasts(
    values: dict[str, np.ndarray],
    pairs: list[tuple[str, str]],
    shares: tuple[float, ...],
    rng: np.random.Generator,
) -> list[Contrast]:
    """Compares the methods of each pair at each share; Holm's correction is over all of it.

    Args:
      values: By method, [seeds, shares]; a NaN, nothing found, counts as 0.
      pairs: Ours and its rival.
      rng: Decides the resamples.
    """
    found, raw = [], []
    for ours, rival in pairs:
        for column, share in enumerate(shares):
            gain = np.nan_to_num(values[ours][:, column]) - np.nan_to_num(values[rival][:, column])
            picks = rng.integers(0, len(gain), (RESAMPLES, len(gain)))
            low, high = np.quantile(gain[picks].mean(1), [0.025, 0.975])
            raw.append(float(wilcoxon(gain).pvalue) if np.any(gain) else 1.0)
            found.append((ours, rival, share, float(gain.mean()), float(low), float(high)))
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
