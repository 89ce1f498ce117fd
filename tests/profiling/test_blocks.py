"""Blocks as they are timed, and the measuring itself on a tiny space."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from scalenet_tf.costs.blocks import shapes_of_space
from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.block_graphs import Timed, cut_out, network, nothing
from scalenet_tf.profiling.blocks import profile_blocks
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.block_layers import Depthwise
from scalenet_tf.space.blocks import Block, Head, Part, layout
from scalenet_tf.space.latency_table import read_table
from scalenet_tf.space.rules import output_size
from tests.helpers.networks import BLOCKS, MIXED, TINY_SPACE

# What every function has, whatever it computes.
ENDS = {"Identity", "NoOp"}
TINY = SearchSpace.model_validate(yaml.safe_load(TINY_SPACE))


def output_shape(part: Part) -> tuple[int, ...]:
    if isinstance(part, Head):
        return (1, part.classes)
    kernel, width = (part.op.kernel, part.out_width) if isinstance(part, Block) else (3, part.width)
    size = output_size(part.size, kernel, part.stride)
    return (1, size, size, width)


@pytest.mark.parametrize(
    "space", [BLOCKS, pytest.param(MIXED, marks=pytest.mark.slow)], ids=lambda space: str(space.name)
)
def test_a_block_takes_and_gives_what_it_does_in_its_network(space: SearchSpace) -> None:
    drawn = (draw_subnet(space, 0, step).subnet for step in range(99))
    subnet = next(subnet for subnet in drawn if len(subnet.stages[1].ops) > 2)
    for part in layout(subnet).parts:
        timed = cut_out(part, subnet.activation, subnet.squeeze_reduction)
        assert timed.call().shape == output_shape(part)
        assert timed.blocks == (4 if isinstance(part, Block) and part.residual else 1)
    assert network(subnet).call().shape == (1, 7)
    assert nothing().call().shape == (1, 8, 8, 1)


def operations(timed: Timed) -> Counter[str]:
    counted = Counter(operation.type for operation in timed.function.graph.get_operations())
    return Counter({kind: number for kind, number in counted.items() if kind not in {"Const", "Placeholder"}})


@pytest.mark.parametrize(
    "space", [MIXED, pytest.param(BLOCKS, marks=pytest.mark.slow)], ids=lambda space: str(space.name)
)
def test_blocks_are_made_of_the_operations_of_their_network(space: SearchSpace) -> None:
    subnet = draw_subnet(space, 0, 0).subnet
    found: Counter[str] = Counter()
    for part in layout(subnet).parts:
        timed = cut_out(part, subnet.activation, subnet.squeeze_reduction)
        for kind, number in operations(timed).items():
            found[kind] += number if kind in ENDS else number // timed.blocks
    expected = operations(network(subnet))
    assert {k: n for k, n in found.items() if k not in ENDS} == {
        k: n for k, n in expected.items() if k not in ENDS
    }
    layers = [placed.layer for block in layout(subnet).blocks for placed in block.layers]
    assert expected["DepthwiseConv2dNative"] == sum(isinstance(layer, Depthwise) for layer in layers) > 0


@pytest.mark.slow
def test_measuring_goes_on_where_it_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "latency.json"
    first = profile_blocks(TINY, path, stages=[0], minutes=0)
    wanted = set(shapes_of_space(TINY, [0]))
    assert len(first.blocks) < len(wanted) and first.calibration is None
    with pytest.raises(ScaleNetError, match="is not finished"):
        predict_ms(read_table(path), draw_subnet(TINY, 0, 0).subnet)

    table = profile_blocks(TINY, path, stages=[0])
    assert set(table.blocks) == wanted
    assert {name: table.blocks[name] for name in first.blocks} == first.blocks
    assert table.check is not None and table.calibration is not None
    assert len(table.networks) == table.check.networks + table.calibration.networks
    assert read_table(path) == table
    assert all(0 <= milliseconds < 1000 for milliseconds in table.blocks.values())

    before = path.read_bytes()
    assert profile_blocks(TINY, path, stages=[0]) == table  # nothing is left to do
    assert path.read_bytes() == before
    with pytest.raises(ScaleNetError, match=r"must have the `activation` of space 'tiny', 'silu'"):
        profile_blocks(TINY.model_copy(update={"activation": "silu"}), path)
