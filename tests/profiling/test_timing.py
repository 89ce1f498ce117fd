from __future__ import annotations

import itertools
import time

from scalenet_tf.profiling.timing import time_in_turn


def test_calls_are_timed_in_turn_and_slow_moments_do_not_count() -> None:
    order: list[str] = []

    def quick() -> None:
        order.append("quick")
        # A slow spell of the machine, in most calls.
        time.sleep(0.002 if len(order) % 3 else 0.02)

    def slow() -> None:
        order.append("slow")
        time.sleep(0.008)

    (quickest, settled), (slowest, _) = time_in_turn([quick, slow])
    assert settled
    # Other work may lengthen a sleep, never shorten it.
    assert 2 <= quickest < 8 <= slowest
    switches = sum(one != other for one, other in itertools.pairwise(order))
    # Warm-up: quick, slow; then at least five bursts of each, in turn.
    assert switches >= 1 + 2 * 5 and switches % 2


def test_bursts_go_on_until_the_best_agree_or_time_is_over() -> None:
    begun: list[float] = []

    def comes_to_rest() -> None:
        begun.append(time.monotonic())
        time.sleep(max(0.06, 0.13 - 0.006 * len(begun)))

    (found,) = time_in_turn([comes_to_rest])
    assert 60 <= found.milliseconds < 75 and found.settled
    assert len(begun) >= 3 + 11  # after the warm-up, each call is a burst; at the 12th call it rests

    begun.clear()

    def never_rests() -> None:
        begun.append(time.monotonic())
        time.sleep(0.05 * 1.1 ** len(begun))

    (found,) = time_in_turn([never_rests], seconds=0.2)
    assert found.milliseconds >= 50 * 1.1**5 and not found.settled
    assert len(begun) == 3 + 5
