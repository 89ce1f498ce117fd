"""Timing that other work on the machine disturbs little: in turn, in short bursts, the quiet moments kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ROUNDS = 12
_WARM_UP = 3
_BURST_SECONDS = 0.1
_MOST_CALLS = 30
_QUIET = 0.1


def time_in_turn(calls: Sequence[Callable[[], Any]], rounds: int = ROUNDS) -> list[float]:
    """Times several calls in turn, so that a slow spell of the machine hits all of them.

    Args:
      calls: What to time.
      rounds: Bursts of each: 30 calls, fewer where they take longer than 0.1 s.

    Returns:
      Milliseconds of each call: of a burst its fastest call counts, of the bursts the lower tenth.
    """
    for call in calls:
        for _ in range(_WARM_UP):
            call()
    fastest = [[_burst(call) for call in calls] for _ in range(rounds)]
    milliseconds: list[float] = np.quantile(fastest, _QUIET, axis=0).tolist()
    return milliseconds


def _burst(call: Callable[[], Any]) -> float:
    times: list[float] = []
    end = time.perf_counter() + _BURST_SECONDS
    while not times or (len(times) < _MOST_CALLS and time.perf_counter() < end):
        begun = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begun))
    return min(times)
