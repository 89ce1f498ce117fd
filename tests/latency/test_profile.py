"""Blocks as they are timed, and the measuring itself on a tiny space."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from networks import MIXED, TINY_SPACE

from scalenet_tf import files
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.latency.graphs import block, network, nothing
from scalenet_tf.latency.prediction import predict_ms
from scalenet_tf.latency.profile import profile_blocks
from scalenet_tf.latency.shapes import Head, MBConv, Shape, shapes_of_space, shapes_of_subnet
from scalenet_tf.rules import output_size
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace

TINY = SearchSpace.model_validate(yaml.safe_load(TINY_SPACE))


def answer_shape(shape: Shape) -> tuple[int, ...]:
    if isinstance(shape, Head):
        return (1, shape.classes)
    kernel, width = (shape.op.kernel, shape.out_width) if isinstance(shape, MBConv) else (3, shape.width)
    size = output_size(shape.size, kernel, shape.stride)
    return (1, size, size, width)


def test_a_block_takes_and_gives_what_it_does_in_its_network() -> None:
    subnet = next(s for n in range(99) if len(s := draw_subnet(MIXED, 0, n).subnet.stages[1].ops) > 2)
    for shape in shapes_of_subnet(subnet):
        timed = block(shape, subnet.activation, subnet.squeeze_reduction)
        assert timed.call().shape == answer_shape(shape)
        assert timed.blocks == (4 if isinstance(shape, MBConv) and shape.residual else 1)
    assert network(subnet).call().shape == (1, 7)
    assert nothing().call().shape == (1, 8, 8, 1)
