"""The tf_keras model has the logits of the Keras 3 model, whatever the network and its activation."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.compress.litert import convert_int8, scaled, without_scaling
from scalenet_tf.compress.tf_keras_model import (
    TF_KERAS,
    build_tf_keras_model,
    copy_weights,
    largest_difference,
)
from scalenet_tf.compress.weak_squeezes import fix_weak_squeezes
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.models.plain import build_model
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from tests.helpers.networks import BLOCKS, MIXED, images


def as_if_trained(subnet: Subnet, seed: int = 0) -> keras.Model:
    """Statistics and biases random too, so that none can be forgotten unseen."""
    model = build_model(subnet)
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if variable.name in ("gamma", "moving_variance"):
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        elif variable.name != "kernel":
            variable.assign(rng.uniform(-0.2, 0.2, variable.shape))
    return model


# Each activation, and each kind of block, once; all of both takes three times as long.
FIRST = {(MIXED.name, 0): ACTIVATIONS, (MIXED.name, 1): ("silu",), (BLOCKS.name, 1): ("hard_silu",)}


def test_logits_are_compared_in_whole_float32() -> None:
    class Network:
        input_shape = (None, 4, 4, 1)

        def __call__(self, images: np.ndarray, training: bool) -> np.ndarray:
            assert not tf.config.experimental.tensor_float_32_execution_enabled()
            return images

    assert tf.config.experimental.tensor_float_32_execution_enabled()
    assert largest_difference(Network(), Network()) == 0.0  # type: ignore[arg-type]
    assert tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.parametrize(
    ("space", "step", "activation"),
    [
        pytest.param(
            *case, activation, marks=[] if activation in FIRST[case[0].name, case[1]] else pytest.mark.slow
        )
        for case in [(MIXED, 0), (MIXED, 1), (BLOCKS, 1)]
        for activation in ACTIVATIONS
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_tf_keras_model_of_a_random_network_gives_its_logits(
    space: SearchSpace, step: int, activation: str
) -> None:
    subnet = draw_subnet(space, 3, step).subnet.model_copy(update={"activation": activation})
    model = as_if_trained(subnet)
    tf_model = build_tf_keras_model(subnet, model)
    assert {type(layer).__module__.partition(".")[0] for layer in tf_model.layers} <= {
        "tf_keras",
        "scalenet_tf",
    }
    assert largest_difference(model, tf_model) <= 1e-5
    assert len(tf_model.weights) == len(model.variables)


def test_a_weight_that_differs_is_noticed() -> None:
    subnet = draw_subnet(MIXED, 3, 0).subnet
    model = as_if_trained(subnet)
    tf_model = build_model(subnet, library=TF_KERAS)
    copy_weights(model, tf_model)
    kernel = tf_model.get_layer("stem_conv").kernel
    kernel.assign(kernel * 1.1)
    assert largest_difference(model, tf_model) > 1e-5


def test_weights_that_are_no_numbers_are_refused() -> None:
    subnet = draw_subnet(MIXED, 3, 0).subnet
    model = as_if_trained(subnet)
    model.get_layer("classifier").bias.assign(np.full(subnet.classes, np.nan))
    with pytest.raises(ScaleNetError, match=r"logits in tf_keras differ .* by nan of the largest logit"):
        build_tf_keras_model(subnet, model)


def test_blocks_of_every_kind_are_converted_to_int8() -> None:
    subnet = draw_subnet(BLOCKS, 3, 1).subnet
    model = as_if_trained(subnet)
    network = without_scaling(build_tf_keras_model(subnet, model, composed=True))
    pixels = images(BLOCKS, subnet.resolution, count=64)
    fix_weak_squeezes(network, scaled(pixels))
    runner = Runner(convert_int8(network, lambda: ([image[None]] for image in scaled(pixels))))
    floats = [name for name, kind in runner.tensor_types.items() if kind == "float32"]
    assert len(floats) == 1, floats  # the logits that are given back
    logits, expected = runner(pixels), np.asarray(model(pixels, training=False))
    assert np.corrcoef(logits.ravel(), expected.ravel())[0, 1] > 0.99
