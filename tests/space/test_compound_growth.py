from __future__ import annotations

import pytest

from scalenet_tf.presets import load_space
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.compound_growth import efficientnet_growth, expected_side


def with_growth(name: str, stages: int, growth: float) -> SearchSpace:
    space = load_space(name)
    budget = space.budget.model_copy(update={"growth": growth})
    return space.model_copy(update={"menus": space.menus[:stages], "budget": budget})


@pytest.mark.parametrize("growth", [1.5, 2.0, 4.0])
def test_the_side_of_a_family_of_s0_alone_is_that_of_its_rule(growth: float) -> None:
    space = with_growth("medium", 1, growth)
    depth, width, side = efficientnet_growth(growth)
    assert depth * width**2 * side**2 == pytest.approx(growth)
    assert expected_side(space, 4) == round(side**4 * space.menus[0].resolution[0]) > space.largest_resolution


def test_searched_stages_have_the_resolutions_of_their_menus() -> None:
    space = load_space("medium")
    assert expected_side(space, 0) == space.largest_resolution == 128
    assert expected_side(space, 1) == 145
    assert expected_side(with_growth("medium", 4, 1.1), 1) == 128
