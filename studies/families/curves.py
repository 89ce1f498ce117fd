"""How much cheaper one side is at equal accuracy, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

RESAMPLES = 2000
_POINTS = 21


@dataclass(frozen=True)
class Curves:
    """A side's results over its budgets.

    Attributes:
      costs: Multiply-adds of the search [seeds, budgets].
      accuracies: Of the members, from scratch [seeds, budgets, stages].
    """

    costs: np.ndarray
    accuracies: np.ndarray

    def picked(self, seeds: np.ndarray, stages: np.ndarray) -> Curves:
        """Some seeds and stages, with repetitions."""
        return Curves(self.costs[seeds], self.accuracies[seeds][:, :, stages])

    @property
    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Logarithm of the cost, and the accuracy that it buys: the nearest curve that never falls."""
        fitted = isotonic_regression(self.accuracies.mean((0, 2))).x
        return np.log(self.costs).mean(0), np.asarray(fitted)


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % bootstrap interval; an end may be infinite, the value nan."""

    value: float
    low: float
    high: float


def log_cost_ratio(joint: Curves, independent: Curves) -> float:
    """The logarithm of independent to joint cost, a mean over the accuracies that both curves pass.

    Returns:
      Infinite where joint's worst is better than the other's best, minus infinity where it is the other way
      round; nan where both are the same number.
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
    """The cost ratio; seeds and stages are both resampled, the same ones for either side."""
    rng = np.random.default_rng(seed)
    picks = _resamples(rng, *joint.accuracies.shape[::2])
    logs = np.array([log_cost_ratio(joint.picked(*pick), independent.picked(*pick)) for pick in picks])
    # An order statistic: an interpolated one between two infinities is nan.
    low, high = np.nanquantile(logs, [0.025, 0.975], method="nearest")
    return Interval(*(float(np.exp(value)) for value in (log_cost_ratio(joint, independent), low, high)))


def difference_interval(ours: np.ndarray, theirs: np.ndarray, seed: int = 0) -> Interval:
    """The difference of mean accuracies [seeds, stages], resampled likewise."""
    rng = np.random.default_rng(seed)
    gain = ours - theirs
    drawn = [gain[np.ix_(*pick)].mean() for pick in _resamples(rng, *gain.shape)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(gain.mean()), float(low), float(high))


def _resamples(rng: np.random.Generator, seeds: int, stages: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(rng.integers(0, seeds, seeds), rng.integers(0, stages, stages)) for _ in range(RESAMPLES)]


def _cost_at(wanted: np.ndarray, log_costs: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """The least cost that reaches each accuracy, straight between budgets."""
    first = np.searchsorted(accuracies, wanted)  # the first budget that is as good
    before = np.maximum(first - 1, 0)
    rise = accuracies[first] - accuracies[before]
    part = np.where(rise > 0, (wanted - accuracies[before]) / np.where(rise > 0, rise, 1), 1.0)
    return log_costs[before] + part * (log_costs[first] - log_costs[before])
