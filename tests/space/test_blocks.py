"""The walk over the blocks of a network, by hand and against the layers of the built model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BaseArchitecture, Op, SearchSpace
from scalenet_tf.space.blocks import Block, Head, Stem, blocks, layout, placements
from scalenet_tf.space.scaling import scale
from tests.helpers.networks import MIXED, TINY_SUBNET

K3E1, K5E2, K3E2 = (Op.model_validate(name) for name in ("k3e1s", "k5e2s", "k3e2"))


def test_the_parts_of_a_small_network_by_hand() -> None:
    found = layout(TINY_SUBNET)
    assert found.stem == Stem(size=12, out_size=6, channels=1, width=8, stride=2)
    assert found.blocks == (
        Block(0, 0, K3E1, size=6, out_size=6, in_width=8, hidden=8, squeeze=2, out_width=8, stride=1),
        Block(1, 0, K5E2, size=6, out_size=3, in_width=8, hidden=16, squeeze=4, out_width=12, stride=2),
        Block(1, 1, K3E2, size=3, out_size=3, in_width=12, hidden=24, squeeze=6, out_width=12, stride=1),
    )
    assert found.head == Head(size=3, in_width=12, width=24, classes=10)
    assert found.parts == (found.stem, *found.blocks, found.head) and blocks(TINY_SUBNET) == found.blocks
    assert [block.residual for block in found.blocks] == [False, False, True]
    assert [block.name for block in found.blocks] == ["stage0_block0", "stage1_block0", "stage1_block1"]
    assert [part.shape for part in found.parts] == [
        "stem 12px 1>8 /2",
        "k3e1s 6px 8>8>8 /1",
        "k5e2s 6px 8>16>12 /2",
        "k3e2 3px 12>24>12 /1 +",
        "head 3px 12>24>10",
    ]


@pytest.mark.parametrize("space", [load_space("paper"), MIXED], ids=lambda space: str(space.name))
@given(step=st.integers(0, 10_000))
def test_every_block_of_a_subnet_is_among_the_placements_of_its_scaling(
    space: SearchSpace, step: int
) -> None:
    draw = draw_subnet(space, 0, step)
    placed, found = placements(space, draw.scaling), layout(draw.subnet)
    assert (found.stem, found.head) == (placed.stem, placed.head)
    shapes = [[{block.shape for block in row} for row in rows] for rows in (placed.first, placed.rest)]
    for block in found.blocks:
        assert block.shape in shapes[block.index > 0][block.stage]
        assert block.index == 0 or placed.has_rest[block.stage]


def test_a_stage_has_later_blocks_where_its_deepest_base_has_some() -> None:
    paper = load_space("paper")
    for scaling in (paper.menus[0].scalings()[0], paper.menus[1].scalings()[-1]):
        deepest = BaseArchitecture(stages=tuple(stage.ops[:1] * stage.depth[1] for stage in paper.stages))
        depths = [len(stage.ops) for stage in scale(paper, deepest, scaling).stages]
        assert placements(paper, scaling).has_rest == tuple(depth > 1 for depth in depths)
    assert depths[0] > 1 == paper.stages[0].depth[1]
