from __future__ import annotations

import pytest

from scalenet_tf.costs.blocks import shapes_of_space, shapes_of_subnet
from scalenet_tf.costs.macs import Cost, block_cost, cost, head_cost, stem_cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.blocks import Part, Stem
from tests.helpers.networks import MIXED


@pytest.mark.parametrize("space", [load_space("small"), MIXED], ids=lambda space: str(space.name))
def test_subnets_are_made_of_the_spaces_shapes_and_of_no_others(space: SearchSpace) -> None:
    known = shapes_of_space(space)
    assert all(part.shape == shape for shape, part in known.items())
    drawn = [draw_subnet(space, 0, step) for step in range(4000)]
    met = {shape for draw in drawn for shape in shapes_of_subnet(draw.subnet)}
    assert met == set(known)
    for stage in range(len(space.menus)):
        of_stage = {s for draw in drawn if draw.scaling_stage == stage for s in shapes_of_subnet(draw.subnet)}
        assert of_stage == set(shapes_of_space(space, [stage]))


def part_cost(part: Part) -> Cost:
    if isinstance(part, Stem):
        return stem_cost(part)
    return block_cost(part) if hasattr(part, "op") else head_cost(part)


def test_a_shape_says_all_that_a_part_costs() -> None:
    """Each part of a subnet may be replaced by the space's part of the same shape."""
    known = shapes_of_space(MIXED)
    for step in range(20):
        subnet = draw_subnet(MIXED, 1, step).subnet
        parts = [known[shape] for shape in shapes_of_subnet(subnet)]
        assert sum(map(part_cost, parts), Cost(0, 0)) == cost(subnet)


@pytest.mark.parametrize(
    ("name", "count"), [("small", 299), ("colour32", 429), ("medium", 1942), ("paper", 2015)]
)
def test_shipped_spaces_have_so_many_shapes(name: str, count: int) -> None:
    assert len(shapes_of_space(load_space(name))) == count
