from __future__ import annotations

import pytest

from scalenet_tf.costs.blocks import Head, MBConv, Stem, shapes_of_space, shapes_of_subnet
from scalenet_tf.costs.macs import block_cost, cost, ends_cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import Op, SearchSpace
from scalenet_tf.space.rules import output_size
from tests.helpers.networks import MIXED


@pytest.mark.parametrize("space", [load_space("small"), MIXED], ids=lambda space: str(space.name))
def test_subnets_are_made_of_the_spaces_shapes_and_of_no_others(space: SearchSpace) -> None:
    known = shapes_of_space(space)
    assert len({shape.name for shape in known}) == len(set(known)) == len(known)
    drawn = [draw_subnet(space, 0, step) for step in range(4000)]
    met = {shape for draw in drawn for shape in shapes_of_subnet(draw.subnet)}
    assert met == set(known)
    for stage in range(len(space.menus)):
        of_stage = {s for draw in drawn if draw.stage == stage for s in shapes_of_subnet(draw.subnet)}
        assert of_stage == set(shapes_of_space(space, [stage]))


def test_shapes_say_all_that_a_network_costs() -> None:
    """The shapes of a subnet, counted one by one, are the subnet."""
    for step in range(20):
        subnet = draw_subnet(MIXED, 1, step).subnet
        stem, *blocks, head = shapes_of_subnet(subnet)
        assert isinstance(stem, Stem) and isinstance(head, Head)
        total = ends_cost(
            *(output_size(stem.size, 3, stem.stride), stem.channels, stem.width),
            *(head.size, head.width, head.head_width, head.classes),
        )
        for block in blocks:
            assert isinstance(block, MBConv)
            shape = (block.op, block.size, block.in_width, block.out_width, block.stride)
            total += block_cost(*shape, subnet.squeeze_reduction)
        assert total == cost(subnet)


@pytest.mark.parametrize(("name", "count"), [("small", 299), ("medium", 1942), ("paper", 2015)])
def test_shipped_spaces_have_so_many_shapes(name: str, count: int) -> None:
    assert len(shapes_of_space(load_space(name))) == count


def test_names_can_be_read() -> None:
    assert Stem(22, 1, 12, 2).name == "stem 22px 1>12 /2"
    assert MBConv(11, 12, 16, Op(kernel=3, expansion=4), 1, False).name == "k3e4s 11px 12>48>16 /1"
    assert MBConv(6, 36, 36, Op(kernel=5, expansion=4), 1, True).name == "k5e4s 6px 36>144>36 /1 +"
    assert Head(6, 36, 96, 10).name == "head 6px 36>96>10"
