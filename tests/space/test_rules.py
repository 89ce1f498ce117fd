from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import rules


@pytest.mark.parametrize(
    ("text", "expected"), [(1, 1000), (1.04, 1040), ("1.2", 1200), (0.001, 1), (2.5, 2500)]
)
def test_thousandths(text: float | str, expected: int) -> None:
    assert rules.thousandths(text) == expected


@pytest.mark.parametrize("wrong", [0, -1.2, 1.0405, "wide", float("nan"), float("inf"), None])
def test_thousandths_refuses(wrong: object) -> None:
    with pytest.raises(ScaleNetError, match=r"positive decimal with at most three places.*Received"):
        rules.thousandths(wrong)  # type: ignore[arg-type]


@given(st.integers(1, 5000), st.integers(1, 4000), st.integers(1, 32))
def test_multiplied_sizes_are_exact_ceilings(size: int, multiplier: int, divisor: int) -> None:
    exact = Fraction(size * multiplier, 1000)
    assert rules.scaled_depth(size, multiplier) == math.ceil(exact)
    assert rules.scaled_width(size, multiplier, divisor) == math.ceil(exact / divisor) * divisor


def test_a_width_that_floats_get_wrong() -> None:
    assert math.ceil(50 * 1.1) == 56  # Why the rule is in integers.
    assert rules.scaled_width(50, 1100) == 55


@given(st.integers(1, 40), st.sampled_from([1, 3, 5, 7]), st.sampled_from([1, 2]))
def test_output_size_counts_the_windows_that_fit(size: int, kernel: int, stride: int) -> None:
    padded = np.pad(np.zeros(size), rules.padding(kernel))
    windows = [start for start in range(0, len(padded), stride) if start + kernel <= len(padded)]
    assert rules.output_size(size, kernel, stride) == len(windows)


def test_squeeze_width_is_at_least_one() -> None:
    assert [rules.squeeze_width(hidden, 4) for hidden in (1, 3, 4, 97)] == [1, 1, 1, 24]
