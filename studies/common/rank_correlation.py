"""Kendall's tau, for samples with repetitions, and of some of the pairs alone."""

from __future__ import annotations

import numpy as np


def kendall_tau(
    x: np.ndarray, y: np.ndarray, counts: np.ndarray | None = None, pairs: np.ndarray | None = None
) -> float:
    """Kendall's tau-b of two rankings; 0 if one of them consists of ties.

    Args:
      x: Values of the first ranking [N].
      y: Values of the second ranking [N].
      counts: How often each of the N is in the sample [N]. None: once.
      pairs: Whether a pair is compared, symmetric [N, N]. None: all are.
    """
    return tau_of(order(x, pairs), order(y, pairs), np.ones(len(x)) if counts is None else counts)


def order(x: np.ndarray, pairs: np.ndarray | None = None) -> np.ndarray:
    """The order of each pair: 1, 0 or -1, and 0 for a pair that is not compared [N, N]; see `kendall_tau`."""
    signs: np.ndarray = np.sign(x[:, None] - x[None])
    return signs if pairs is None else signs * pairs


def tau_of(order_x: np.ndarray, order_y: np.ndarray, counts: np.ndarray) -> float:
    """Kendall's tau-b of two values of `order`, for samples that draw from the same rankings again and again.

    Args:
      order_x: Order of the first ranking [N, N].
      order_y: Order of the second ranking [N, N].
      counts: How often each of the N is in the sample [N].
    """
    weights = counts.astype(float)
    concordant = weights @ (order_x * order_y) @ weights
    pairs_x, pairs_y = (weights @ np.abs(order) @ weights for order in (order_x, order_y))
    return float(concordant / np.sqrt(pairs_x * pairs_y)) if pairs_x and pairs_y else 0.0
