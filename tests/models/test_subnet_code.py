"""The number of programs that static shapes take is that of the menus, and sampling asks for no other."""

from __future__ import annotations

import pytest

from scalenet_tf.models.subnet_code import StaticShape, static_shapes
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paper", 1 * 1 + 4 * 3 + 5 * 3 + 7 * 3),  # every stage has widths of its own
        ("small", 40),  # stages share widths, and rounding to multiples of 4 makes some the same
        ("medium", 42),
    ],
)
def test_sampling_draws_every_static_shape_and_no_other(name: str, expected: int) -> None:
    space = load_space(name)
    drawn = set()
    for step in range(1500):
        subnet = draw_subnet(space, 0, step).subnet
        widths = (subnet.stem_width, *(stage.width for stage in subnet.stages))
        drawn.add(StaticShape(widths, subnet.resolution))
    assert drawn == static_shapes(space)
    assert len(drawn) == expected
