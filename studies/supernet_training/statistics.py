"""Rank correlation, and paired bootstrap intervals of the differences between two variants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Difference:
    """A mean difference with its 95 % interval.

    Attributes:
      mean: The mean difference.
      low: Lower end of the interval.
      high: Upper end of the interval.
    """

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is outside the interval."""
        return self.low > 0 or self.high < 0


def kendall_tau(x: np.ndarray, y: np.ndarray, counts: np.ndarray | None = None) -> float:
    """Kendall's tau-b of two rankings; 0 if one of them consists of ties.

    Args:
      x: Values of the first ranking [N].
      y: Values of the second ranking [N].
      counts: How often each of the N is in the sample [N]. None: once.
    """
    weights = np.ones(len(x)) if counts is None else counts.astype(float)
    order_x = np.sign(x[:, None] - x[None])
    order_y = np.sign(y[:, None] - y[None])
    concordant = weights @ (order_x * order_y) @ weights
    pairs_x, pairs_y = (weights @ np.abs(order) @ weights for order in (order_x, order_y))
    return float(concordant / np.sqrt(pairs_x * pairs_y)) if pairs_x and pairs_y else 0.0


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


def accuracy_difference(ours: np.ndarray, theirs: np.ndarray, rng: np.random.Generator) -> Difference:
    """The difference of two variants' accuracies; seeds and images are resampled, the same ones for both.

    Args:
      ours: Which images one variant classifies correctly, bool [seeds, images].
      theirs: The same of the other variant.
      rng: Draws the resamples.
    """
    gain = ours.astype(np.int8) - theirs.astype(np.int8)
    seeds, images = gain.shape
    means = np.empty(RESAMPLES)
    for n in range(RESAMPLES):
        rows = rng.integers(0, seeds, seeds)
        means[n] = gain[rows][:, rng.integers(0, images, images)].mean()
    return _interval(gain.mean(), means)


def tau_difference(
    ours: np.ndarray, theirs: np.ndarray, truth: np.ndarray, groups: np.ndarray, rng: np.random.Generator
) -> tuple[Difference, Difference]:
    """The differences of two variants' tau over all subnets, and of their tau within groups.

    Seeds are resampled, and subnets within each group, the same ones for both variants.

    Args:
      ours: Inherited accuracies of one variant [seeds, subnets].
      theirs: The same of the other variant.
      truth: Accuracies from scratch [subnets].
      groups: Scaling stages [subnets].
      rng: Draws the resamples.
    """

    def gains(counts: np.ndarray | None) -> np.ndarray:
        """Differences of tau over all and within groups [2, seeds]."""
        taus = [
            [[kendall_tau(row, truth, counts), tau_within(row, truth, groups, counts)] for row in rows]
            for rows in (ours, theirs)
        ]
        return (np.array(taus[0]) - np.array(taus[1])).T

    means = np.empty((RESAMPLES, 2))
    for n in range(RESAMPLES):
        counts = np.zeros(len(truth))
        for group in np.unique(groups):
            rows = np.flatnonzero(groups == group)
            counts[rows] = np.bincount(rng.integers(0, len(rows), len(rows)), minlength=len(rows))
        means[n] = gains(counts)[:, rng.integers(0, len(ours), len(ours))].mean(1)
    over_all, within = gains(None).mean(1)
    return _interval(over_all, means[:, 0]), _interval(within, means[:, 1])


def _interval(mean: float, resampled: np.ndarray) -> Difference:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Difference(float(mean), float(low), float(high))
