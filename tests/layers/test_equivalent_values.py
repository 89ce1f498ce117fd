"""Values filled up with zeros, or with statistics folded in, compute what the plain values do."""

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.layers import DynamicMBConv
from scalenet_tf.layers.folding import folded
from scalenet_tf.layers.padding import LANES
from scalenet_tf.layers.row_slices import one_row, values

IN_WIDTH, HIDDEN, WIDTH = 6, 18, 5
pytestmark = pytest.mark.usefixtures("float64")


@pytest.fixture
def block() -> DynamicMBConv:
    layer = DynamicMBConv(["k3e3s", "k5e3s"], filters=7, rows=4, seed=[1])
    layer.build((None, None, None, 8))
    rng = np.random.default_rng(0)
    for weight in layer.trainable_variables:
        noise = rng.normal(0, 0.3, weight.shape)
        # What lies outside a smaller kernel is zero.
        weight.assign(weight + (noise * (weight.numpy() != 0) if "depthwise/" in weight.path else noise))
    return layer


def selected(block):
    return values(block.select(tf.constant([3]), IN_WIDTH, WIDTH))


def some_images():
    return tf.constant(np.random.default_rng(1).normal(size=(4, 9, 9, IN_WIDTH)))


def test_hidden_channels_of_zeros_change_neither_output_nor_gradients(block):
    weights = selected(block)
    flat = tf.nest.flatten(weights)
    found = []
    for way in (lambda w: w, block.padded):
        with tf.GradientTape() as tape:
            tape.watch(flat)
            wide = way(weights)
            output, _ = block.compute(some_images(), one_row(wide), 1)
            loss = tf.reduce_sum(output * tf.range(WIDTH, dtype=output.dtype))
        found.append((wide, output, tape.gradient(loss, flat)))
    (plain, expected, gradients), (wide, output, own) = found
    assert plain["expand_bn"]["gamma_beta"].shape[-1] == HIDDEN
    assert wide["expand_bn"]["gamma_beta"].shape[-1] == wide["project"]["kernel"].shape[-2] == 2 * LANES
    np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-12)
    for one, other in zip(own, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-11)


def test_rows_of_several_expansions_keep_their_channels():
    mixed = DynamicMBConv(["k3e3s", "k3e2"], filters=7)
    mixed.build((None, None, None, 8))
    weights = values(mixed.select(tf.constant([0]), IN_WIDTH, WIDTH))
    assert mixed.padded(weights) is weights


def test_folded_statistics_normalise_as_given_ones_do(block):
    weights = selected(block)
    rng = np.random.default_rng(2)
    for name, length in {"expand_bn": HIDDEN, "depthwise_bn": HIDDEN, "project_bn": WIDTH}.items():
        weights[name] |= {
            "mean": tf.constant(rng.normal(size=(1, length))),
            "variance": tf.constant(rng.uniform(0.1, 2, size=(1, length))),
        }
    assert block.padded(weights) is weights  # the batch's statistics alone gain by it
    small = folded(weights)
    assert "gamma_beta" not in small["project_bn"]
    expected, _ = block.compute(some_images(), one_row(weights), 1)
    output, _ = block.compute(some_images(), one_row(small), 1)
    np.testing.assert_allclose(output, expected, rtol=1e-10, atol=1e-12)


def test_a_graph_fills_up_channels_whose_number_it_does_not_know(block):
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, None], tf.float64)])
    def run(inputs):
        weights = values(block.select(tf.constant([3]), tf.shape(inputs)[-1], WIDTH))
        return block.compute(inputs, one_row(block.padded(weights)), 1)[0]

    expected, _ = block.compute(some_images(), one_row(selected(block)), 1)
    np.testing.assert_allclose(run(some_images()), expected, rtol=1e-10, atol=1e-12)
