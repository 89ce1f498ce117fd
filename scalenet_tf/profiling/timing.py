"""Timing that other work on the machine disturbs little: short bursts in turn, until the best agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

_WARM_UP = 3
_BURST_SECONDS = 0.05
_BURST_CALLS = 20
_AGREEING = 3
_TOLERANCE = 0.03
_FEWEST_ROUNDS = 5


class Timing(NamedTuple):
    """What a call takes: the median of its three best bursts, and whether these agree."""

    milliseconds: float
    settled: bool


def time_in_turn(calls: Sequence[Callable[[], Any]], seconds: float = 20.0) -> list[Timing]:
    """Times several calls in turn, so that a slow spell of the machine hits all of them.

    What a call takes has a floor, and everything else that runs only adds to it. So of a burst its fastest
    call counts, and bursts go on until the three best of each call lie within 3 % of one another.

    Args:
      calls: What to time.
      seconds: When to stop in any case, after five bursts of each at least.

    Returns:
      A timing of each call.
    """
    for call in calls:
        for _ in range(_WARM_UP):
            call()
    end, fastest = time.perf_counter() + seconds, [[_burst(call) for call in calls]]
    while True:
        fastest.append([_burst(call) for call in calls])
        best = np.sort(fastest, axis=0)[:_AGREEING]
        settled = best[-1] <= (1 + _TOLERANCE) * best[0]
        if len(fastest) >= _FEWEST_ROUNDS and (settled.all() or time.perf_counter() > end):
            medians = np.median(best, axis=0).tolist()
            return [Timing(*pair) for pair in zip(medians, settled.tolist(), strict=True)]


def _burst(call: Callable[[], Any]) -> float:
    times: list[float] = []
    end = time.perf_counter() + _BURST_SECONDS
    while not times or (len(times) < _BURST_CALLS and time.perf_counter() < end):
        begun = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begun))
    return min(times)
