"""How well scores rank the networks of the table, over all pairs and over those of like multiply-adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from studies.common.interval import Interval
from studies.common.items import Item
from studies.common.rank_correlation import kendall_tau, order, tau_of

RESAMPLES = 1000
NEAR = 0.05  # Relative difference in multiply-adds up to which two networks are alike.
TOP = 0.05  # Fraction of the networks that are the best.


@dataclass(frozen=True)
class Networks:
    """What the table says of the networks that are scored.

    Attributes:
      codes: Their codes in the table [N].
      accuracies: Accuracies of three trainings, 0 to 1 [3, N].
      macs: Multiply-adds [N].
      parameters: Trainable parameters [N].
    """

    codes: tuple[str, ...]
    accuracies: np.ndarray
    macs: np.ndarray
    parameters: np.ndarray

    @classmethod
    def of(cls, item: Item) -> Networks:
        """The networks of the item `table/networks`."""
        facts = item["networks"]
        columns = [np.array([one[key] for one in facts.values()]) for key in ("macs", "parameters")]
        accuracies = np.array([one["accuracies"] for one in facts.values()]).T
        return cls(tuple(facts), accuracies, *columns)

    @cached_property
    def truth(self) -> np.ndarray:
        """Mean accuracy of the three trainings [N]."""
        mean: np.ndarray = self.accuracies.mean(axis=0)
        return mean

    @cached_property
    def near(self) -> np.ndarray:
        """Whether the multiply-adds of a pair differ by at most 5 % [N, N]."""
        small = np.minimum(self.macs[:, None], self.macs[None])
        large = np.maximum(self.macs[:, None], self.macs[None])
        alike: np.ndarray = large <= (1 + NEAR) * small
        return alike


@dataclass(frozen=True)
class Ranking:
    """How well values rank the networks.

    Attributes:
      everywhere: Kendall's tau over all pairs, with its interval over networks.
      near: Kendall's tau over the pairs within 5 % of multiply-adds, with its interval.
      top: Share of the best 5 % of the networks that is among the 5 % with the highest values, 0 to 1.
    """

    everywhere: Interval
    near: Interval
    top: float


def ranking(networks: Networks, values: np.ndarray) -> Ranking:
    """Compares the ranks of values with those of the mean accuracies in the table.

    Args:
      networks: The networks.
      values: A value of each network, higher for a better one [N].
    """
    return Ranking(
        _interval(networks, values, None),
        _interval(networks, values, networks.near),
        top_share(networks.truth, values),
    )


def top_share(truth: np.ndarray, values: np.ndarray) -> float:
    """Share of the best 5 % by `truth` that is among the best 5 % by `values`, 0 to 1."""
    most = max(1, round(TOP * len(truth)))
    best, found = (set(np.argsort(-row, kind="stable")[:most].tolist()) for row in (truth, values))
    return len(best & found) / most


def seed_to_seed(networks: Networks, pairs: np.ndarray | None) -> float:
    """Mean tau between two trainings of the table that differ by the seed alone.

    Args:
      networks: The networks.
      pairs: The pairs that are compared, as in `kendall_tau`.
    """
    rows = combinations(networks.accuracies, 2)
    return float(np.mean([kendall_tau(one, other, pairs=pairs) for one, other in rows]))


def seed_to_others(networks: Networks, pairs: np.ndarray | None) -> float:
    """Mean tau of each training of the table against the mean of the others; see `seed_to_seed`."""
    rows = [(own, np.delete(networks.accuracies, n, axis=0)) for n, own in enumerate(networks.accuracies)]
    return float(np.mean([kendall_tau(own, others.mean(axis=0), pairs=pairs) for own, others in rows]))


def _interval(networks: Networks, values: np.ndarray, pairs: np.ndarray | None) -> Interval:
    rng, count = np.random.default_rng(0), len(networks.codes)
    orders = order(values, pairs), order(networks.truth, pairs)
    draws = (rng.integers(0, count, count) for _ in range(RESAMPLES))
    taus = [tau_of(*orders, np.bincount(draw, minlength=count)) for draw in draws]
    low, high = np.quantile(taus, [0.025, 0.975])
    return Interval(tau_of(*orders, np.ones(count)), float(low), float(high))
