from __future__ import annotations

import time

from scalenet_tf.utils.timing import milliseconds, repeat, time_calls


def test_a_call_is_timed_in_milliseconds() -> None:
    # Other work may lengthen a sleep, never shorten it.
    assert 20 <= milliseconds(lambda: time.sleep(0.02)) < 2000


def test_a_measurement_is_repeated_as_often_as_asked() -> None:
    numbers = iter(range(1000))
    assert repeat(lambda: next(numbers), fewest=3, most=3) == [0, 1, 2]
    assert repeat(lambda: next(numbers), fewest=2, most=5) == [3, 4, 5, 6, 7]
    assert repeat(lambda: next(numbers), fewest=2, most=5, seconds=0) == [8, 9]
    slow = repeat(lambda: time.sleep(0.05), fewest=1, most=100, seconds=0.2)
    assert 1 <= len(slow) <= 5


def test_warm_up_calls_are_not_timed() -> None:
    calls: list[float] = []

    def call() -> None:
        calls.append(0.05 if len(calls) < 2 else 0.001)
        time.sleep(calls[-1])

    times = time_calls(call, fewest=4, most=4, warm_up=2)
    assert len(times) == 4 and len(calls) == 6
    assert min(times) < 50
