"""Extrapolation: scalings for scaling stages beyond the searched ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.extrapolation.growth import Growth as Growth
    from scalenet_tf.extrapolation.growth import extrapolate as extrapolate
    from scalenet_tf.extrapolation.growth import fit_growth as fit_growth
    from scalenet_tf.extrapolation.step import write_family as write_family

_HOMES = {
    "Growth": "growth",
    "extrapolate": "growth",
    "fit_growth": "growth",
    "write_family": "step",
}
__all__ = ["Growth", "extrapolate", "fit_growth", "write_family"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
