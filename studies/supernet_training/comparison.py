"""Rank correlation, and paired bootstrap of the differences between two variants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Difference:
    """A mean difference and its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def kendall_tau(x: np.ndarray, y: np.ndarray, counts: np.ndarray | None = None) -> float:
    """Kendall's tau-b of two rankings, 0 where one of them is all ties.

    Args:
      x, y: [N].
      counts: How often each of the N stands in the sample; once where None.
    """
    weights = np.ones(len(x)) if counts is None else counts.astype(float)
    order_x = np.sign(x[:, None] - x[None])
    order_y = np.sign(y[:, None] - y[None])
    concordant = weights @ (order_x * order_y) @ weights
    pairs_x, pairs_y = (weights @ np.abs(order) @ weights for order in (order_x, order_y))
    return float(concordant / np.sqrt(pairs_x * pairs_y)) if pairs_x and pairs_y else 0.0


def tau_within(x: np.ndarray, y: np.ndarray, groups: np.ndarray, counts: np.ndarray | None = None) -> float:
    """The mean of tau within each group: what a search sees that compares subnets of one stage."""
    taus = []
    for group in np.unique(groups):
        rows = groups == group
        taus.append(kendall_tau(x[rows], y[rows], None if counts is None else counts[rows]))
    return float(np.mean(taus))


def accuracy_difference(ours: np.ndarray, theirs: np.ndarray, rng: np.random.Generator) -> Difference:
    """Of two variants' accuracy: seeds and images are resampled, the same ones for both.

    Args:
      ours, theirs: bool [seeds, images], which images were right.
      rng: Decides the resamples.
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
    """Of two variants' tau against `truth`, over all and within groups.

    Seeds are resampled, and subnets within each group, the same ones for both variants.

    Args:
      ours, theirs: [seeds, subnets], inherited accuracies.
      truth: [subnets], accuracies from scratch.
      groups: [subnets], scaling stages.
      rng: Decides the resamples.
    """

    def gains(counts: np.ndarray | None) -> np.ndarray:
        """[2, seeds]: of tau over all, and within groups."""
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
