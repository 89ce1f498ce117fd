from __future__ import annotations

import time

import pytest

from scalenet_tf.utils.timing import milliseconds, repeat, time_calls
from tests.helpers.clock import Clock


def test_a_call_is_timed_in_milliseconds() -> None:
    # Other work may lengthen a sleep, never shorten it.
    assert milliseconds(lambda: time.sleep(0.02)) >= 20
    clock = Clock()
    assert milliseconds(lambda: clock.sleep(0.02), clock) == pytest.approx(20)


def test_a_measurement_is_repeated_as_often_as_asked() -> None:
    numbers, clock = iter(range(1000)), Clock()
    assert repeat(lambda: next(numbers), fewest=3, most=3) == [0, 1, 2]
    assert repeat(lambda: next(numbers), fewest=2, most=5) == [3, 4, 5, 6, 7]
    assert repeat(lambda: next(numbers), fewest=2, most=5, seconds=0) == [8, 9]
    slow = repeat(lambda: clock.sleep(0.0625), fewest=1, most=100, seconds=0.2, clock=clock)
    assert len(slow) == 4


def test_warm_up_calls_are_not_timed() -> None:
    calls, clock = 0, Clock()

    def call() -> None:
        nonlocal calls
        calls += 1
        clock.sleep(0.5 if calls <= 2 else 0.001)

    assert time_calls(call, fewest=4, most=4, warm_up=2, clock=clock) == pytest.approx([1, 1, 1, 1])
    assert calls == 6
