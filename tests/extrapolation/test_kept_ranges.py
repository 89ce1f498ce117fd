from __future__ import annotations

import logging
from typing import Any

import pytest

from scalenet_tf.config import ScaleConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.extrapolation.growth import extrapolate
from scalenet_tf.extrapolation.kept_ranges import broken_ranges, measured
from scalenet_tf.extrapolation.step import family_members
from scalenet_tf.presets import load_space
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.budget import Range, number
from scalenet_tf.space.scaling import scale

SMALL = load_space("small").for_data(1, 10)
BASE = BaseArchitecture.model_validate({"stages": [["k3e4s"], ["k3e4s", "k5e4s"], ["k5e4s"]]})
FAMILY = [Scaling.of(1, 1, 16), Scaling.of(1, "1.2", 18), Scaling.of("1.2", "1.3", 22)]


def bounded(*ranges: dict[str, Any]) -> SearchSpace:
    bounds = tuple(Range.model_validate(one) for one in ranges)
    return SMALL.model_copy(update={"budget": SMALL.budget.model_copy(update={"ranges": bounds})})


def test_quantities_are_those_of_the_counters() -> None:
    subnet = scale(SMALL, BASE, FAMILY[1])
    counted = cost(subnet)
    assert measured(subnet, "macs") == counted.macs and measured(subnet, "parameters") == counted.parameters
    assert measured(subnet, "peak_memory") == peak_memory(subnet)


def test_bounds_of_every_stage_hold_beyond_the_searched_ones_too() -> None:
    first, last = scale(SMALL, BASE, FAMILY[0]), scale(SMALL, BASE, FAMILY[2])
    ratio = cost(last).parameters / cost(first).parameters
    ranges = (
        {"quantity": "parameters", "most": cost(last).parameters - 1},
        {"quantity": "parameters", "most": ratio * 1.01, "relative": True},
        {"quantity": "peak_memory", "least": 10 * peak_memory(last)},
        {"quantity": "macs", "stage": 1, "most": 1},
        {"quantity": "latency_ms", "most": 0.001},
    )
    budget = bounded(*ranges).budget
    assert broken_ranges(budget, last, first, 3) == [budget.ranges[0], budget.ranges[2]]


def test_a_scaling_that_keeps_to_a_bound_is_preferred() -> None:
    _, (free,) = extrapolate(SMALL, BASE, FAMILY, extra_stages=1, tolerance=0.05)
    most = cost(free.subnet).parameters - 1
    space = bounded({"quantity": "parameters", "most": most})
    _, (kept,) = extrapolate(space, BASE, FAMILY, extra_stages=1, tolerance=0.05)
    assert cost(kept.subnet).parameters <= most
    assert kept.target_macs == free.target_macs and kept.subnet.resolution >= free.subnet.resolution


def test_a_bound_out_of_reach_is_said_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    space = bounded({"quantity": "parameters", "most": 100})
    with caplog.at_level(logging.WARNING):
        members, _ = family_members(space, BASE, FAMILY, [None] * 3, ScaleConfig())
    free, _ = family_members(SMALL, BASE, FAMILY, [None] * 3, ScaleConfig())
    assert members[3].subnet == free[3].subnet
    [said] = [record.getMessage() for record in caplog.records if "range" in record.getMessage()]
    start = f"s3 has {number(members[3].parameters)} parameters, but a range of every scaling stage says"
    assert said.startswith(start)
    assert "at most 100 parameters" in said and "`scale.extra_stages`" in said


def test_one_searched_stage_is_enough_for_efficientnets_rule() -> None:
    config = ScaleConfig(extra_stages=2, rule="efficientnet")
    members, growth = family_members(SMALL, BASE, FAMILY[:1], [0.5], config)
    assert [member.origin for member in members] == ["search", "extrapolated", "extrapolated"]
    assert growth is not None and growth.depth > 1 and growth.width > 1 and growth.resolution > 1
