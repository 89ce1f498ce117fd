"""Calibration of a latency table: an affine fit from sums of blocks to networks, and its errors on others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space.latency_table import Calibration, Check, Measured


def split(networks: Sequence[Measured]) -> tuple[Sequence[Measured], Sequence[Measured]]:
    """Splits networks alternately into those that calibrate the table and those that check it."""
    return networks[::2], networks[1::2]


def fit(networks: Sequence[Measured]) -> Calibration:
    """Fits the offset and factor with the least squared relative error.

    Raises:
      ScaleNetError: If networks with slower blocks were not slower.
    """
    sums, times = _arrays(networks)
    columns = np.stack([np.ones_like(sums), sums], axis=1) / times[:, None]
    (offset, factor), *_ = np.linalg.lstsq(columns, np.ones_like(times), rcond=None)
    if not factor > 0:
        raise ScaleNetError(
            "the measured networks contradict their blocks: those with slower blocks were not slower. The "
            "machine was too busy. Delete the table, and measure while less else is running."
        )
    return Calibration(offset_ms=float(offset), factor=float(factor), networks=len(networks))


def check(calibration: Calibration, networks: Sequence[Measured]) -> Check:
    """Measures the errors of a calibration on networks that it was not fitted to."""
    sums, times = _arrays(networks)
    predicted = calibration.offset_ms + calibration.factor * sums
    errors = np.abs(predicted - times) / times
    return Check(
        networks=len(networks),
        median_error=float(np.median(errors)),
        largest_error=float(errors.max()),
        kendall_tau=kendall_tau(predicted, times),
    )


def kendall_tau(one: np.ndarray, other: np.ndarray) -> float:
    """Kendall's tau-a: pairs in the same order minus pairs in the opposite order, relative to all pairs."""
    pairs = np.triu_indices(len(one), 1)
    orders = (np.sign(values[:, None] - values)[pairs] for values in (one, other))
    return float(np.mean(np.prod(np.stack(list(orders)), axis=0)))


def _arrays(networks: Sequence[Measured]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([network.blocks_ms for network in networks]),
        np.array([network.network_ms for network in networks]),
    )
