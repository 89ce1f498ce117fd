from __future__ import annotations

import itertools

import pytest

from scalenet_tf.profiling.timing import time_in_turn
from tests.helpers.clock import Clock


def test_calls_are_timed_in_turn_and_slow_moments_do_not_count() -> None:
    order: list[str] = []
    clock = Clock()

    def quick() -> None:
        order.append("quick")
        # A slow spell of the machine, in one of three calls.
        clock.sleep(0.002 if len(order) % 3 else 0.02)

    def slow() -> None:
        order.append("slow")
        clock.sleep(0.008)

    (quickest, settled), (slowest, _) = time_in_turn([quick, slow], clock=clock)
    assert settled
    assert (quickest, slowest) == pytest.approx((2, 8))
    switches = sum(one != other for one, other in itertools.pairwise(order))
    # Warm-up: quick, slow; then five bursts of each, in turn.
    assert switches == 1 + 2 * 5


def test_bursts_go_on_until_the_best_agree_or_time_is_over() -> None:
    calls, clock = 0, Clock()

    def comes_to_rest() -> None:
        nonlocal calls
        calls += 1
        clock.sleep(max(0.06, 0.13 - 0.006 * calls))

    (found,) = time_in_turn([comes_to_rest], clock=clock)
    assert found.milliseconds == pytest.approx(60) and found.settled
    assert calls == 3 + 11  # after the warm-up, each call is a burst; from the 12th call on it rests

    calls = 0

    def never_rests() -> None:
        nonlocal calls
        calls += 1
        clock.sleep(0.05 * 1.1**calls)

    (found,) = time_in_turn([never_rests], seconds=0.2, clock=clock)
    assert found.milliseconds >= 50 * 1.1**5 and not found.settled
    assert calls == 3 + 5
