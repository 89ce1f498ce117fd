"""Ranges of a budget: their rule against single subnets, and what is said where they cannot be met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.sampling.feasible import base_scaling, find_feasible_bases, meets_budget
from scalenet_tf.sampling.pool import check_space, draw_pool
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.budget import Budget, Range
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.space.scaling import scale
from tests.helpers.made_up import made_up_table

SMALL = load_space("small")
TABLE = made_up_table(SMALL)


def with_ranges(*ranges: dict[str, Any], **budget: float) -> SearchSpace:
    values = SMALL.model_dump(mode="json")
    asked = {**values["budget"], **budget, "ranges": ranges, "latency": TABLE}
    return SearchSpace.model_validate({**values, "budget": asked})


def quantities(subnet: Subnet) -> dict[str, float]:
    counted = cost(subnet)
    return {
        "macs": counted.macs,
        "parameters": counted.parameters,
        "peak_memory": peak_memory(subnet),
        "latency_ms": predict_ms(TABLE, subnet),
    }


@given(
    seed=st.integers(0, 2**32),
    quantity=st.sampled_from(["macs", "parameters", "peak_memory", "latency_ms"]),
    relative=st.booleans(),
    data=st.data(),
)
def test_the_rule_is_that_of_single_subnets(
    seed: int, quantity: str, relative: bool, data: st.DataObject
) -> None:
    scaling, first = Scaling.of(1.4, 1.2, 20), base_scaling(SMALL)
    bases = draw_bases(SMALL, np.random.default_rng(seed), 12)
    decoded = decode(SMALL, bases)
    values = [quantities(scale(SMALL, base, scaling))[quantity] for base in decoded]
    if relative:
        own = [quantities(scale(SMALL, base, first))[quantity] for base in decoded]
        values = [scaled / alone for scaled, alone in zip(values, own, strict=True)]
    least, most = sorted(data.draw(st.sampled_from(values)) for _ in range(2))
    if quantity == "latency_ms":
        # Sums of floating point in another order.
        least, most = least * (1 - 1e-12), most * (1 + 1e-12)
    bound = {"quantity": quantity, "stage": 2, "least": least, "most": most, "relative": relative}
    # Tolerances that leave the multiply-adds of no base out.
    space = with_ranges(bound, base_tolerance=0.999, stage_tolerance=0.999, macs=400_000)
    without = with_ranges(base_tolerance=0.999, stage_tolerance=0.999, macs=400_000)
    free = meets_budget(without, bases, {2: scaling})
    expected = [bool(f) and least <= value <= most for f, value in zip(free, values, strict=True)]
    assert meets_budget(space, bases, {2: scaling}).tolist() == expected
    assert (meets_budget(space, bases) == meets_budget(without, bases)).all()


def test_several_ranges_must_all_be_met() -> None:
    ranges = (
        {"quantity": "parameters", "least": 25_000, "stage": 0},
        {"quantity": "peak_memory", "most": 20_000, "stage": 0},
        {"quantity": "macs", "most": 410_000, "stage": 0},
        {"quantity": "parameters", "stage": 2, "most": 2.0, "relative": True},
    )
    space = with_ranges(*ranges)
    pool = draw_pool(space, np.random.default_rng(0))
    assert 0 < len(pool.bases) <= len(draw_pool(SMALL, np.random.default_rng(0)).bases)
    for base in decode(space, pool.bases):
        own = quantities(scale(space, base, base_scaling(space)))
        assert own["parameters"] >= 25_000 and own["peak_memory"] <= 20_000 and own["macs"] <= 410_000
    free = draw_pool(with_ranges(*ranges[:3]), np.random.default_rng(0))
    assert (free.bases.ops == pool.bases.ops).all()
    kept = []
    for stage in (1, 2, 3):
        for index, scaling in enumerate(pool.scalings[stage]):
            for n in np.flatnonzero(free.feasible[stage][index]).tolist():
                base = decode(space, pool.bases[n : n + 1])[0]
                growth = (
                    cost(scale(space, base, scaling)).parameters
                    / cost(scale(space, base, base_scaling(space))).parameters
                )
                assert pool.feasible[stage][index, n] == (stage != 2 or growth <= 2.0)
                kept.append((stage, bool(pool.feasible[stage][index, n])))
    assert {(1, True), (2, True), (2, False), (3, True)} <= set(kept)


def test_an_own_constraint_counts_like_a_range() -> None:
    def shallow(subnet: Subnet, stage: int) -> bool:
        return subnet.num_blocks <= 5 + stage

    criteria = Criteria((shallow,))
    bases = find_feasible_bases(SMALL, np.random.default_rng(0), 40, criteria=criteria)
    assert len(bases) == 40
    assert {base.depth.sum() for base in bases} <= {3, 4, 5}
    drawn = draw_bases(SMALL, np.random.default_rng(0), 200)
    met = meets_budget(SMALL, drawn)
    assert (meets_budget(SMALL, drawn, criteria=criteria) == (met & (drawn.depth.sum(axis=1) <= 5))).all()


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        (
            {"quantity": "peak_memory", "stage": 0, "most": 600},
            r"`budget.ranges\[0\]` of S0 in space 'small' must be at most 600 bytes, which none of 1,024 "
            r"drawn ones within the budget .* They reach 16,384 to 27,648. `most` is too low: raise it",
        ),
        (
            {"quantity": "peak_memory", "most": 60_000},
            r"`budget.ranges\[0\]` of S3 .*at most 60,000 bytes.*reach 7\d,\d{3} to 10\d,\d{3}. `most` is",
        ),
        (
            {"quantity": "parameters", "stage": 2, "least": 4.0, "relative": True},
            r"of S2 .*at least 4 times the base's own parameters.*reach 1.7 to 3.\d+. `least` is too high",
        ),
        (
            {"quantity": "latency_ms", "stage": 1, "most": 0.5},
            r"of S1 .*at most 0.5 milliseconds.*They reach 0.\d+ to 2.\d+. `most` is too low",
        ),
        (
            {"quantity": "parameters", "stage": 0, "least": 22_000, "most": 22_001},
            r"of S0 .*at least 22,000 and at most 22,001 .*too narrow, between 2\d,\d{3} and 2\d,\d{3}",
        ),
    ],
)
def test_a_range_out_of_reach_is_named_with_what_is_reached(bound: dict[str, Any], message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        check_space(with_ranges(bound))


def test_ranges_that_exclude_each_other_are_refused() -> None:
    free = draw_pool(SMALL, np.random.default_rng(0)).bases
    counts = [quantities(scale(SMALL, base, base_scaling(SMALL))) for base in decode(SMALL, free)]
    thin = max(c["parameters"] for c in counts if c["peak_memory"] > 20_000)
    space = with_ranges(
        {"quantity": "parameters", "stage": 0, "least": thin + 1},
        {"quantity": "peak_memory", "stage": 0, "least": 20_001},
    )
    with pytest.raises(ScaleNetError, match=r"of S0 in space 'small' must be met together; each alone"):
        check_space(space)


def test_a_constraint_that_allows_nothing_is_named() -> None:
    def nothing(subnet: Subnet, stage: int) -> bool:
        return stage < 2

    with pytest.raises(
        ScaleNetError,
        match=r"`constraints\[0\]` tests.sampling.test_ranges.*nothing of S2 .* must .*none of \d+ drawn",
    ):
        check_space(SMALL, Criteria((nothing,)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs `least`, `most` or both. Received: neither"),
        ({"least": 5, "most": 4}, "`least` must be at most `most`. Received: 5 > 4"),
        (
            {"most": 4, "relative": True, "stage": 0},
            "a relative range compares with S0: give stage 1",
        ),
    ],
)
def test_a_range_that_says_nothing_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Range(quantity="macs", **values)


def test_a_range_of_a_stage_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"`budget.ranges\[0\].stage` must be 0 to 3.*Received: 4"):
        with_ranges({"quantity": "macs", "stage": 4, "most": 5})


def test_a_plain_budget_is_written_as_ever() -> None:
    """Digests of spaces, and so the identity of searches, go by what is written."""
    plain = Budget(macs=100)
    assert plain.model_dump(mode="json") == {"macs": 100, "base_tolerance": 0.05, "stage_tolerance": 0.05}
    asked = Budget(macs=100, growth=1.5, ranges=(Range(quantity="macs", most=5),))
    assert Budget.model_validate(asked.model_dump(mode="json")) == asked
    assert Budget.model_validate_json(asked.model_dump_json()) == asked


@pytest.mark.parametrize("stage", range(6))
def test_targets_double_unless_told_otherwise(stage: int) -> None:
    assert Budget(macs=1).target(306_000_001, stage) == 306_000_001 * 2**stage
    assert Budget(macs=1, growth=1.5).target(1000, stage) == round(1000 * 1.5**stage)
