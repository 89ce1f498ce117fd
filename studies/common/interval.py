"""A value with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval. The ends may be infinite, and any of them NaN."""

    value: float
    low: float
    high: float
