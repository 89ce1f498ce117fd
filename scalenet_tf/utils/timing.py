"""Timing of repeated calls: blocks, exports, compressed files and served models are all timed by this."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Clock = Callable[[], float]  # Returns the seconds of a monotonic clock.


def milliseconds(call: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    """Wall milliseconds of one call."""
    begun = clock()
    call()
    return 1000 * (clock() - begun)


def repeat(
    measure: Callable[[], T],
    *,
    fewest: int,
    most: int,
    seconds: float = math.inf,
    clock: Clock = time.perf_counter,
) -> list[T]:
    """Repeats a measurement: `fewest` times, then until `seconds` have passed, at most `most` times in all.

    Args:
      measure: Makes one measurement.
      fewest: Smallest number of measurements, at least 1.
      most: Largest number of measurements.
      seconds: Time after which no further measurement begins, once there are `fewest`. Default: no limit.
      clock: Returns the seconds of a monotonic clock.

    Returns:
      The measurements in their order.

    Example:
      >>> len(repeat(lambda: milliseconds(model), fewest=20, most=20))
      20
    """
    found: list[T] = []
    end = clock() + seconds
    while len(found) < fewest or (len(found) < most and clock() < end):
        found.append(measure())
    return found


def time_calls(
    call: Callable[[], object],
    *,
    fewest: int,
    most: int,
    seconds: float = math.inf,
    warm_up: int = 0,
    clock: Clock = time.perf_counter,
) -> list[float]:
    """Wall milliseconds of repeated calls, after `warm_up` calls that are not timed; see `repeat`."""
    for _ in range(warm_up):
        call()
    return repeat(lambda: milliseconds(call, clock), fewest=fewest, most=most, seconds=seconds, clock=clock)
