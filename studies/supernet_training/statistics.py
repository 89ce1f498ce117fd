"""Rank correlation within scaling stages, its bootstrap interval, and the bias among resolutions."""

from __future__ import annotations

import numpy as np

from studies.common.interval import Interval
from studies.common.rank_correlation import kendall_tau

RESAMPLES = 2000


def tau_within(x: np.ndarray, y: np.ndarray, groups: np.ndarray, counts: np.ndarray | None = None) -> float:
    """The mean of tau over groups, such as scaling stages: a search compares subnets of one stage.

    Args:
      x: Values of the first ranking [N].
      y: Values of the second ranking [N].
      groups: Group of each of the N [N].
      counts: How often each of the N is in the sample [N]. None: once.
    """
    taus = []
    for group in np.unique(groups):
        rows = groups == group
        taus.append(kendall_tau(x[rows], y[rows], None if counts is None else counts[rows]))
    return float(np.mean(taus))


def tau_interval(scores: np.ndarray, truths: np.ndarray, groups: np.ndarray, seed: int = 0) -> Interval:
    """The mean tau within groups of each row of scores, and its interval.

    The rows of both and the subnets of each group are resampled.

    Args:
      scores: Scores [seeds, N].
      truths: Accuracies from scratch [seeds, N]; their mean is the truth.
      groups: Scaling stages [N].
      seed: Seed of the resamples.
    """
    rng = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for n in range(RESAMPLES):
        counts = np.zeros(len(groups))
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            counts[rows] = np.bincount(rng.integers(0, len(rows), len(rows)), minlength=len(rows))
        truth = truths[rng.integers(0, len(truths), len(truths))].mean(0)
        row = scores[rng.integers(0, len(scores))]
        means[n] = tau_within(row, truth, groups, counts)
    low, high = np.quantile(means, [0.025, 0.975])
    mean = np.mean([tau_within(row, truths.mean(0), groups) for row in scores])
    return Interval(float(mean), float(low), float(high))


def tau_ceiling(truths: np.ndarray, groups: np.ndarray) -> float | None:
    """The mean tau within groups of each training from scratch against the mean of the others.

    Args:
      truths: Accuracies from scratch [seeds, N].
      groups: Scaling stages [N].

    Returns:
      The mean over seeds; None for a single seed.
    """
    if len(truths) < 2:
        return None
    others = [np.delete(truths, seed, axis=0).mean(0) for seed in range(len(truths))]
    return float(np.mean([tau_within(*pair, groups) for pair in zip(truths, others, strict=True)]))


def resolution_bias(gaps: np.ndarray, groups: np.ndarray, resolutions: np.ndarray) -> float:
    """The largest difference between two resolutions of a scaling stage in inherited less true accuracy.

    Args:
      gaps: Inherited less true accuracy [N].
      groups: Scaling stages [N].
      resolutions: Resolutions in pixels [N].
    """
    found = [0.0]
    for group in np.unique(groups):
        rows = groups == group
        means = [gaps[rows & (resolutions == r)].mean() for r in np.unique(resolutions[rows])]
        found.append(float(max(means) - min(means)))
    return max(found)
