from __future__ import annotations

import pytest

from scalenet_tf.utils.formatting import (
    MISSING,
    aligned,
    count,
    duration,
    memory,
    milliseconds,
    percent,
    time_left,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 k"),
        (6070, "6.07 k"),
        (999_400, "999 k"),
        (306_000_000, "306 M"),
        (1_299_345_760, "1.3 G"),
        (2.5e12, "2.5 T"),
        (None, MISSING),
    ],
)
def test_count(number: float | None, text: str) -> None:
    assert count(number) == text


def test_count_never_shows_an_exponent() -> None:
    for number in (999_499, 999_501, 999_999, 1_000_000, 999_999_999, 10**18):
        assert "e" not in count(number)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(9.34, "9.3 s"), (59.94, "59.9 s"), (75, "1 min 15 s"), (3725, "1 h 2 min"), (None, MISSING)],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (9.34, "9 s"), (59.7, "1 min 0 s"), (75.2, "1 min 15 s"), (7265, "2 h 1 min")],
)
def test_time_left_has_no_fractions_of_seconds(seconds: float, text: str) -> None:
    assert time_left(seconds) == f"about {text} left"


def test_a_time_left_may_be_unknown() -> None:
    assert time_left(None) == "time left not known yet"


def test_percent_and_milliseconds() -> None:
    assert percent(0.90125) == "90.12 %"
    assert milliseconds(3.14159) == "3.14 ms"
    assert percent(None) == milliseconds(None) == MISSING


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (6_021_120, "6.02 MB"), (999_600, "1000 kB"), (None, MISSING)],
)
def test_memory(size: int | None, text: str) -> None:
    assert memory(size) == text


def test_names_are_aligned_to_the_left_and_numbers_to_the_right() -> None:
    rows = [("step", "MACs", "about"), ("train", "1.2 G", "9 s"), ("all", "", "1 min 9 s")]
    assert aligned(rows, names=1).split("\n") == [
        "step    MACs      about",
        "train  1.2 G        9 s",
        "all           1 min 9 s",
    ]
