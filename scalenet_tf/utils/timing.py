"""Timing of repeated calls: blocks, exports, compressed files and served models are all timed by this."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def milliseconds(call: Callable[[], object]) -> float:
    """Wall milliseconds of one call."""
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


def repeat(measure: Callable[[], T], *, fewest: int, most: int, seconds: float = math.inf) -> list[T]:
    """Repeats a measurement: `fewest` times, then until `seconds` have passed, at most `most` times in all.

    Args:
      measure: Makes one measurement.
      fewest: Smallest number of measurements, at least 1.
      most: Largest number of measurements.
      seconds: Time after which no further measurement begins, once there are `fewest`. Default: no limit.

    Returns:
      The measurements in their order.

    Example:
      >>> len(repeat(lambda: milliseconds(model), fewest=20, most=20))
      20
    """
    found: list[T] = []
    end = time.perf_counter() + seconds
    while len(found) < fewest or (len(found) < most and time.perf_counter() < end):
        found.append(measure())
    return found


def time_calls(
    call: Callable[[], object], *, fewest: int, most: int, seconds: float = math.inf, warm_up: int = 0
) -> list[float]:
    """Wall milliseconds of repeated calls, after `warm_up` calls that are not timed; see `repeat`."""
    for _ in range(warm_up):
        call()
    return repeat(lambda: milliseconds(call), fewest=fewest, most=most, seconds=seconds)
