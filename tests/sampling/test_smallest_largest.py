"""The smallest and the largest subnet, beside every subnet there is."""

from __future__ import annotations

import itertools

import pytest
import yaml

from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling import Draw, draw_resolutions, draw_subnet, mean_macs, trained_subnets
from scalenet_tf.sampling.smallest_largest import largest_subnet, smallest_subnet
from scalenet_tf.space import BaseArchitecture, SearchSpace, Stage
from scalenet_tf.space.scaling import scale
from tests.helpers.networks import MIXED, TINY_SPACE

TINY = SearchSpace.model_validate(yaml.safe_load(TINY_SPACE))
# A single block whose copies cost otherwise than it does: the first strides, and widens.
COPIED = MIXED.model_copy(
    update={
        "stages": (
            MIXED.stages[0],
            Stage.model_validate({**MIXED.stages[1].model_dump(), "depth": (1, 1), "width": 24}),
        )
    }
)


def weighted_macs(space: SearchSpace, stage: int) -> list[tuple[float, int]]:
    """Probability and multiply-adds of every draw of a scaling stage."""
    choices = []
    for part in space.stages:
        depths = range(part.depth[0], part.depth[1] + 1)
        choices.append(
            [
                (1 / len(depths) / len(part.ops) ** depth, ops)
                for depth in depths
                for ops in itertools.product(part.ops, repeat=depth)
            ]
        )
    scalings = space.menus[stage].scalings()
    found = []
    for combination in itertools.product(*choices):
        probability = 1 / len(scalings)
        for part_probability, _ in combination:
            probability *= part_probability
        base = BaseArchitecture(stages=tuple(ops for _, ops in combination))
        found += [(probability, cost(scale(space, base, scaling)).macs) for scaling in scalings]
    return found


@pytest.mark.parametrize("space", [TINY.model_copy(update={"menus": TINY.menus[:2]}), MIXED, COPIED])
def test_nothing_is_smaller_or_larger_and_the_mean_is_that_of_all(space: SearchSpace) -> None:
    ends = []
    for stage in range(len(space.menus)):
        drawn = weighted_macs(space, stage)
        assert sum(probability for probability, _ in drawn) == pytest.approx(1)
        least, most = min(macs for _, macs in drawn), max(macs for _, macs in drawn)
        assert cost(smallest_subnet(space, stage)).macs == least
        assert cost(largest_subnet(space, stage)).macs == most
        assert mean_macs(space, stage) == pytest.approx(sum(p * macs for p, macs in drawn), rel=1e-12)
        ends.append((least, most))
    assert cost(smallest_subnet(space)).macs == min(least for least, _ in ends)
    assert cost(largest_subnet(space)).macs == max(most for _, most in ends)


def drawn_in(stage: int) -> Draw:
    return next(
        draw for draw in (draw_subnet(TINY, 0, step) for step in range(50)) if draw.scaling_stage == stage
    )


def test_a_sandwich_lies_around_the_draw_the_largest_first() -> None:
    draw = drawn_in(1)
    assert trained_subnets(TINY, draw) == (draw.subnet,)
    by_stage = (largest_subnet(TINY, 1), draw.subnet, smallest_subnet(TINY, 1))
    assert trained_subnets(TINY, draw, "stage") == by_stage
    by_space = (largest_subnet(TINY), draw.subnet, smallest_subnet(TINY))
    assert trained_subnets(TINY, draw, "space") == by_space
    assert [subnet.resolution for subnet in by_stage + by_space][::5] == [16, 12]
    assert (by_space[0].resolution, by_space[2].resolution) == (18, 12)


@pytest.mark.parametrize("sandwich", ["stage", "space"])
def test_resolutions_are_those_of_what_each_step_trains(sandwich: str) -> None:
    found = draw_resolutions(TINY, 3, 60, "equal", sandwich)  # type: ignore[arg-type]
    draws = [draw_subnet(TINY, 3, step, "equal") for step in range(60)]
    subnets = [trained_subnets(TINY, draw, sandwich) for draw in draws]  # type: ignore[arg-type]
    assert found.tolist() == [[subnet.resolution for subnet in step] for step in subnets]
