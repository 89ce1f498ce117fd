from __future__ import annotations

import time

import pytest

from scalenet_tf.latency.timing import time_in_turn


def test_calls_are_timed_in_turn_and_slow_moments_do_not_count() -> None:
    order: list[str] = []

    def quick() -> None:
        order.append("quick")
        # A slow spell of the machine, in most calls.
        time.sleep(0.002 if len(order) % 3 else 0.02)

    def slow() -> None:
        order.append("slow")
        time.sleep(0.008)

    quickest, slowest = time_in_turn([quick, slow], rounds=3)
    # Other work may lengthen a sleep, never shorten it.
    assert 2 <= quickest < 8 <= slowest
    switches = sum(one != other for one, other in zip(order, order[1:], strict=False))
    assert switches == 1 + 2 * 3  # warm-up: quick, slow; then three rounds of both
    assert time_in_turn([lambda: time.sleep(0.3)], rounds=1) == [pytest.approx(300, rel=0.5)]
