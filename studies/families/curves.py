"""The cost ratio of two sides at equal accuracy, and bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

from studies.common.interval import Interval

RESAMPLES = 2000
_POINTS = 21


@dataclass(frozen=True)
class Curves:
    """Results of a side over its budgets.

    Attributes:
      costs: Multiply-adds of the searches [seeds, budgets].
      accuracies: Accuracies of the members trained from scratch [seeds, budgets, stages], 0 to 1.
    """

    costs: np.ndarray
    accuracies: np.ndarray

    def picked(self, seeds: np.ndarray, stages: np.ndarray) -> Curves:
        """The results of some seeds and stages, which may repeat."""
        return Curves(self.costs[seeds], self.accuracies[seeds][:, :, stages])

    @property
    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Logarithms of the costs, and mean accuracies fitted by the nearest curve that never falls."""
        fitted = isotonic_regression(self.accuracies.mean((0, 2))).x
        return np.log(self.costs).mean(0), np.asarray(fitted)


def log_cost_ratio(joint: Curves, independent: Curves) -> float:
    """The logarithm of independent cost over joint cost, a mean over the accuracies that both curves reach.

    Args:
      joint: Results of the joint searches.
      independent: Results of the independent searches.

    Returns:
      The logarithm; infinity if the joint side's worst is better than the other's best, minus infinity in the
      opposite case, NaN if both curves are one and the same constant.
    """
    (ours_cost, ours), (their_cost, theirs) = joint.mean, independent.mean
    low, high = max(ours[0], theirs[0]), min(ours[-1], theirs[-1])
    if low > high:
        return np.inf if ours[0] > theirs[-1] else -np.inf
    if ours[0] == ours[-1] == theirs[0] == theirs[-1]:
        return np.nan
    wanted = np.linspace(low, high, _POINTS)
    return float(np.mean(_cost_at(wanted, their_cost, theirs) - _cost_at(wanted, ours_cost, ours)))


def ratio_interval(joint: Curves, independent: Curves, seed: int = 0) -> Interval:
    """The cost ratio with its interval. Seeds and stages are resampled, the same ones for both sides."""
    rng = np.random.default_rng(seed)
    picks = _resamples(rng, *joint.accuracies.shape[::2])
    logs = np.array([log_cost_ratio(joint.picked(*pick), independent.picked(*pick)) for pick in picks])
    # An order statistic: an interpolated one between two infinities is nan.
    low, high = np.nanquantile(logs, [0.025, 0.975], method="nearest")
    return Interval(*(float(np.exp(value)) for value in (log_cost_ratio(joint, independent), low, high)))


def paired_interval(gain: np.ndarray) -> tuple[Interval, float]:
    """The mean of paired differences with its interval by Student's t, and the p-value of the t-test.

    Args:
      gain: Differences [seeds]. Of a single one, interval and p-value are NaN.
    """
    mean, nan = float(gain.mean()), float("nan")
    if len(gain) == 1:
        return Interval(mean, nan, nan), nan
    if np.ptp(gain) == 0:
        return Interval(mean, mean, mean), float(mean == 0)
    test = stats.ttest_1samp(gain, 0.0)
    low, high = test.confidence_interval(0.95)
    return Interval(mean, float(low), float(high)), float(test.pvalue)


def _resamples(rng: np.random.Generator, seeds: int, stages: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(rng.integers(0, seeds, seeds), rng.integers(0, stages, stages)) for _ in range(RESAMPLES)]


def _cost_at(wanted: np.ndarray, log_costs: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """The least cost that reaches each accuracy, straight between budgets."""
    first = np.searchsorted(accuracies, wanted)  # the first budget that is as good
    before = np.maximum(first - 1, 0)
    rise = accuracies[first] - accuracies[before]
    part = np.where(rise > 0, (wanted - accuracies[before]) / np.where(rise > 0, rise, 1), 1.0)
    return log_costs[before] + part * (log_costs[first] - log_costs[before])
