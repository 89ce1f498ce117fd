"""The arithmetic of costs against built Keras models, and what such a model is."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from benchmarks.count_models import count
from scalenet_tf.costs.macs import cost
from scalenet_tf.models.plain import build_model
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from tests.helpers.networks import MIXED, images


def profiled_macs(model: keras.Model) -> int:
    """Multiply-adds of convolutions and matrix products by TensorFlow's own profiler."""
    spec = tf.TensorSpec([1, *model.input_shape[1:]])
    graph = tf.function(model).get_concrete_function(spec).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    root = tf.compat.v1.profiler.profile(graph, options=options)
    kinds = {op.name: op.type for op in graph.get_operations()}
    products = {"Conv2D", "DepthwiseConv2dNative", "MatMul"}

    def leaves(node) -> list:
        return [leaf for child in node.children for leaf in leaves(child)] + [node]

    flops = {node.name: node.float_ops for node in leaves(root) if kinds.get(node.name) in products}
    return sum(flops.values()) // 2


# Two others, in `tests/costs/test_memory.py`, are in every run of the tests.
@pytest.mark.slow
@pytest.mark.parametrize("step", range(20))
def test_costs_of_the_papers_space_equal_built_models(step: int) -> None:
    subnet = draw_subnet(load_space("paper"), 0, step).subnet
    assert count(build_model(subnet)) == cost(subnet)


@pytest.mark.parametrize(
    "space",
    [
        *(MIXED, load_space("small")),
        *(pytest.param(load_space(name), marks=pytest.mark.slow) for name in ("colour32", "medium")),
    ],
    ids=lambda s: s.name,
)
def test_costs_of_other_spaces_equal_built_models(space: SearchSpace) -> None:
    for step in range(3):
        subnet = draw_subnet(space, 1, step).subnet
        assert count(build_model(subnet)) == cost(subnet)


@pytest.mark.parametrize("step", range(3))
def test_costs_equal_the_profilers_count(step: int) -> None:
    subnet = draw_subnet(MIXED, 2, step).subnet
    assert profiled_macs(build_model(subnet)) == cost(subnet).macs


@pytest.mark.slow
def test_every_resolution_of_the_paper_is_counted_right() -> None:
    space = load_space("paper")
    subnet = draw_subnet(space, 0, 0).subnet
    for resolution in sorted({r for menu in space.menus for r in menu.resolution}):
        own = subnet.model_copy(update={"resolution": resolution})
        model = build_model(own)
        assert model.get_layer("head_conv").output.shape[1] == -(-resolution // 32)
        assert count(model) == cost(own)


def test_a_plain_model_is_only_keras_layers() -> None:
    subnet: Subnet = draw_subnet(MIXED, 0, 0).subnet
    model = build_model(subnet)
    assert {type(layer).__module__.partition(".")[0] for layer in model.layers} == {"keras"}
    twin = keras.Model.from_config(model.get_config())
    twin.set_weights(model.get_weights())
    batch = images(MIXED, subnet.resolution)
    np.testing.assert_array_equal(model(batch), twin(batch))
    assert model(batch).shape == (8, MIXED.classes)
