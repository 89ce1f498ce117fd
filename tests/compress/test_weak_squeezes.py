"""Squeezes that hardly fire: their file could not be run, and now can, with the same outputs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tf_keras

from scalenet_tf.compress import litert
from scalenet_tf.compress.tf_keras_model import build_tf_keras_model
from scalenet_tf.compress.weak_squeezes import fix_weak_squeezes
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.sampling import draw_subnet
from tests.compress.test_tf_keras_model import as_if_trained
from tests.helpers.networks import MIXED

SUBNET = draw_subnet(MIXED, 3, 0).subnet.model_copy(update={"activation": "relu"})


def network() -> tuple[tf_keras.Model, tf_keras.layers.Layer]:
    """A network all of whose squeezes fire, and one of them."""
    keras.utils.set_random_seed(0)
    model = as_if_trained(SUBNET)
    squeezes = [layer.name for layer in model.layers if layer.name.endswith("_squeeze")]
    for name in squeezes:
        squeeze = model.get_layer(name)
        squeeze.bias.assign(np.full(squeeze.bias.shape, 0.5))
    tf_model = litert.without_scaling(build_tf_keras_model(SUBNET, model))
    return tf_model, tf_model.get_layer(squeezes[1])


def weaken(tf_model: tf_keras.Model, squeeze: tf_keras.layers.Layer, steps: float, units: int) -> None:
    """Lets `units` of a squeeze fire so weakly that a step of the sum is `steps` of the output.

    The other units never fire.
    """
    own = pooled(tf_model, squeeze, images(tf_model, 0))
    kernel, bias = squeeze.get_weights()
    largest = np.abs(kernel).max() / 127 * np.ptp(np.append(own, 0)) / steps
    bias = -(own @ kernel).max(axis=0) - 0.1
    bias[:units] += 0.1 + largest * np.linspace(1, 0.5, units)  # the last of them least
    squeeze.set_weights([kernel, bias])


def pooled(tf_model: tf_keras.Model, squeeze: tf_keras.layers.Layer, seen: np.ndarray) -> np.ndarray:
    model = tf_keras.Model(tf_model.input, squeeze.get_input_at(-1))
    return np.asarray(model(seen, training=False)).reshape(len(seen), -1)


def step_ratio(tf_model: tf_keras.Model, squeeze: tf_keras.layers.Layer, seen: np.ndarray) -> float:
    """Steps of the output in a step of the sum: XNNPACK takes fewer than 256."""
    own = pooled(tf_model, squeeze, seen)
    kernel, bias = squeeze.get_weights()
    largest = np.maximum(own @ kernel + bias, 0).max()
    return float(np.ptp(np.append(own, 0)) * np.abs(kernel).max() / 127 / largest)


def images(tf_model: tf_keras.Model, seed: int) -> np.ndarray:
    stored = np.random.default_rng(seed).integers(0, 256, (40, *tf_model.input_shape[1:]))
    stored[0, 0, 0, 0], stored[0, 0, 1, 0] = 0, 255
    return litert.scaled(stored)


def outputs(tf_model: tf_keras.Model, seen: np.ndarray) -> np.ndarray:
    """Logits of the int8 file made from a network."""

    def calibration() -> Iterator[list[np.ndarray]]:
        for image in images(tf_model, 0):
            yield [image[np.newaxis]]

    stored = np.rint((seen - litert.LOWEST) / (litert.HIGHEST - litert.LOWEST) * 255)
    return Runner(litert.convert_int8(tf_model, calibration))(stored)


@pytest.mark.parametrize(
    ("steps", "units"),
    [
        (2000.0, 3),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [(300.0, 0), (300.0, 1), (300.0, 3), (2000.0, 0), (2000.0, 1)]
        ),
    ],
)
def test_what_hardly_fires_can_be_run_with_the_same_outputs(steps: float, units: int) -> None:
    tf_model, squeeze = network()
    weaken(tf_model, squeeze, steps, units)
    assert squeeze.units == 3
    seen, other = images(tf_model, 0), images(tf_model, 1)
    expected = [np.asarray(tf_model(each, training=False)) for each in (seen, other)]
    with pytest.raises(ScaleNetError, match=r"the .tflite file cannot be run by LiteRT's interpreter"):
        outputs(tf_model, seen)
    assert fix_weak_squeezes(tf_model, seen) == [squeeze.name]
    assert 10 < step_ratio(tf_model, squeeze, seen) < 16.01
    if units < 3:  # One of them never fires.
        np.testing.assert_array_equal(np.asarray(tf_model(seen, training=False)), expected[0])
    size = np.abs(expected[1]).max()
    np.testing.assert_allclose(np.asarray(tf_model(other, training=False)), expected[1], atol=1e-4 * size)
    assert np.abs(outputs(tf_model, other) - expected[1]).max() < 0.15 * size


@pytest.mark.parametrize("steps", [8.0, pytest.param(None, marks=pytest.mark.slow)])
def test_squeezes_that_fire_stay_as_they_are(steps: float | None) -> None:
    tf_model, squeeze = network()
    if steps is not None:
        weaken(tf_model, squeeze, steps, 1)
    before = [weights.copy() for weights in tf_model.get_weights()]
    assert fix_weak_squeezes(tf_model, images(tf_model, 0)) == []
    for old, new in zip(before, tf_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.slow
def test_training_in_int8_leaves_the_constant_alone() -> None:
    # A process of its own: tensorflow-model-optimization decides for all of it which Keras is tf.keras.
    command = [sys.executable, "-m", "tests.helpers.train_with_a_weak_squeeze"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.stdout.splitlines()[-1:] == ["its file runs"], result.stderr
