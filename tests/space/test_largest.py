"""What a super-supernet holds: every subnet of its menus, at any resolution, and no larger one."""

from __future__ import annotations

from typing import Any

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.sampling.smallest_largest import largest_subnet, smallest_subnet
from scalenet_tf.space import Op, Subnet
from scalenet_tf.space.largest import check_held, is_held, largest_depths, largest_widths

SPACE = load_space("small")
LARGEST = largest_subnet(SPACE)


def changed(stage: int, **values: Any) -> Subnet:
    stages = list(LARGEST.stages)
    stages[stage] = stages[stage].model_copy(update=values)
    return LARGEST.model_copy(update={"stages": tuple(stages)})


def test_every_subnet_of_the_menus_is_held() -> None:
    drawn = [draw_subnet(SPACE, seed=0, step=step).subnet for step in range(50)]
    assert all(is_held(SPACE, subnet) for subnet in [smallest_subnet(SPACE), LARGEST, *drawn])


def test_the_largest_subnet_has_the_largest_sizes() -> None:
    assert [len(stage.ops) for stage in LARGEST.stages] == largest_depths(SPACE)
    assert [LARGEST.stem_width, *(stage.width for stage in LARGEST.stages)] == largest_widths(SPACE)


def test_a_resolution_that_was_never_trained_is_held() -> None:
    assert is_held(SPACE, LARGEST.model_copy(update={"resolution": 3 * LARGEST.resolution}))


@pytest.mark.parametrize(
    ("subnet", "text"),
    [
        (LARGEST.model_copy(update={"stem_width": LARGEST.stem_width + 4}), "the stem of `subnet` must be"),
        (changed(1, width=LARGEST.stages[1].width + 4), "stage 1 of `subnet` must be at most"),
        (changed(2, ops=LARGEST.stages[2].ops + LARGEST.stages[2].ops[:1]), "stage 2 .* at most 6 blocks"),
        (changed(0, ops=(Op.model_validate("k7e4s"),)), "stage 0 of `subnet` allows the ops .*k7e4s"),
        (LARGEST.model_copy(update={"classes": 3}), "`subnet.classes` must be 10"),
        (LARGEST.model_copy(update={"stages": LARGEST.stages[:2]}), "must have 3 stages"),
    ],
)
def test_a_larger_or_another_subnet_is_not_held(subnet: Subnet, text: str) -> None:
    subnet = Subnet.model_validate(subnet.model_dump())
    assert not is_held(SPACE, subnet)
    with pytest.raises(ScaleNetError, match=text):
        check_held(SPACE, subnet)
