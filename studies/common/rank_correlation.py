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
    weights = np.ones(len(x)) if counts is None else counts.astype(float)
    order_x = np.sign(x[:, None] - x[None])
    order_y = np.sign(y[:, None] - y[None])
    if pairs is not None:
        order_x, order_y = order_x * pairs, order_y * pairs
    concordant = weights @ (order_x * order_y) @ weights
    pairs_x, pairs_y = (weights @ np.abs(order) @ weights for order in (order_x, order_y))
    return float(concordant / np.sqrt(pairs_x * pairs_y)) if pairs_x and pairs_y else 0.0
