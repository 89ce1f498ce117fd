"""Timing that other work on the machine disturbs little: short bursts in turn until the best ones agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from scalenet_tf.utils.timing import Clock, time_calls

_WARM_UP = 3
_BURST_SECONDS = 0.05
_BURST_CALLS = 20
_AGREEING = 3
_TOLERANCE = 0.03
_FEWEST_ROUNDS = 5


class Timing(NamedTuple):
    """The time of a call: the median of its three best bursts, and whether these three agree."""

    milliseconds: float
    settled: bool


def time_in_turn(
    calls: Sequence[Callable[[], Any]], seconds: float = 20.0, clock: Clock = time.perf_counter
) -> list[Timing]:
    """Times several calls in turn, so that a slow spell of the machine affects all of them.

    Other work on the machine can only add to the time of a call. So the fastest call of a burst counts, and
    bursts go on until the three best ones of each call lie within 3 % of one another.

    Args:
      calls: Functions to time.
      seconds: Time limit, which applies after five bursts of each call.
      clock: Returns the seconds of a monotonic clock.

    Returns:
      One timing for each call.
    """
    for call in calls:
        for _ in range(_WARM_UP):
            call()
    end, fastest = clock() + seconds, [[_burst(call, clock) for call in calls]]
    while True:
        fastest.append([_burst(call, clock) for call in calls])
        best = np.sort(fastest, axis=0)[:_AGREEING]
        settled = best[-1] <= (1 + _TOLERANCE) * best[0]
        if len(fastest) >= _FEWEST_ROUNDS and (settled.all() or clock() > end):
            medians = np.median(best, axis=0).tolist()
            return [Timing(*pair) for pair in zip(medians, settled.tolist(), strict=True)]


def _burst(call: Callable[[], Any], clock: Clock) -> float:
    return min(time_calls(call, fewest=1, most=_BURST_CALLS, seconds=_BURST_SECONDS, clock=clock))
