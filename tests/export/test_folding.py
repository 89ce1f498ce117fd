"""The network for inference: the same answers without batch norm, and weights that are constants."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.export.folding import folded_model
from scalenet_tf.export.frozen import frozen_scorer
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.models.plain import build_model
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from tests.helpers.networks import BLOCKS, MIXED, TINY_SUBNET, images


def trained_alike(subnet: Subnet) -> keras.Model:
    """A model whose batch norms are anything but the identity."""
    model, generator = build_model(subnet), np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights(
                [
                    generator.uniform(0.5, 2, shape),
                    *generator.normal(size=(2, *shape)),
                    generator.uniform(0.1, 4, shape),
                ]
            )
    return model


@pytest.mark.parametrize(("space", "step"), [*((MIXED, step) for step in range(3)), (BLOCKS, 0), (BLOCKS, 2)])
def test_the_folded_network_answers_the_same(space: SearchSpace, step: int) -> None:
    subnet = draw_subnet(space, 0, step).subnet
    model = trained_alike(subnet)
    given = images(space, subnet.resolution)
    expected = model(given, training=False).numpy()
    for apart in (False, True):
        folded = folded_model(subnet, model, apart=apart)
        np.testing.assert_allclose(folded(given), expected, atol=1e-5 * np.abs(expected).max())
    assert not [weight.path for weight in folded.weights if "moving" in weight.path or "gamma" in weight.path]


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_the_frozen_graph_holds_no_variable(activation: str) -> None:
    subnet = TINY_SUBNET.model_copy(update={"activation": activation})
    model = trained_alike(subnet)
    score = frozen_scorer(folded_model(subnet, model))
    given = np.random.default_rng(0).uniform(0, 255, (4, 12, 12, 1)).astype(np.float32)
    expected = tf.nn.softmax(model(given, training=False)).numpy()
    np.testing.assert_allclose(score(given), expected, atol=1e-5)
    function = score.get_concrete_function()
    assert function.captured_inputs == []
    assert not {node.op for node in function.graph.as_graph_def().node} & {"ReadVariableOp", "Rsqrt"}


def test_the_served_graph_asks_for_no_shape_and_divides_by_nothing() -> None:
    subnet = TINY_SUBNET.model_copy(update={"activation": "relu"})
    folded = folded_model(subnet, trained_alike(subnet), apart=True)
    function = frozen_scorer(folded).get_concrete_function()
    found = {node.op for node in function.graph.as_graph_def().node}
    assert "Relu6" in found  # a gate
    assert not found & {"Shape", "StridedSlice", "Pack", "RealDiv"}
