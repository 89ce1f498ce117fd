"""Squeezes that hardly fire: their file could not be run, and now is, with the same answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tf_keras

from scalenet_tf.compress import litert
from scalenet_tf.compress.tf_keras_model import build_twin
from scalenet_tf.compress.weak_squeezes import waken
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
    twin = litert.without_scaling(build_twin(SUBNET, model))
    return twin, twin.get_layer(squeezes[1])


def weaken(twin: tf_keras.Model, squeeze: tf_keras.layers.Layer, steps: float, units: int) -> None:
    """Lets `units` of a squeeze fire so weakly that a step of the sum is `steps` of the answer.

    The other units never fire.
    """
    own = pooled(twin, squeeze, images(twin, 0))
    kernel, bias = squeeze.get_weights()
    largest = np.abs(kernel).max() / 127 * np.ptp(np.append(own, 0)) / steps
    bias = -(own @ kernel).max(axis=0) - 0.1
    bias[:units] += 0.1 + largest * np.linspace(1, 0.5, units)  # the last of them least
    squeeze.set_weights([kernel, bias])


def pooled(twin: tf_keras.Model, squeeze: tf_keras.layers.Layer, seen: np.ndarray) -> np.ndarray:
    model = tf_keras.Model(twin.input, squeeze.get_input_at(-1))
    return np.asarray(model(seen, training=False)).reshape(len(seen), -1)


def step_ratio(twin: tf_keras.Model, squeeze: tf_keras.layers.Layer, seen: np.ndarray) -> float:
    """Steps of the answer in a step of the sum: XNNPACK takes fewer than 256."""
    own = pooled(twin, squeeze, seen)
    kernel, bias = squeeze.get_weights()
    largest = np.maximum(own @ kernel + bias, 0).max()
    return float(np.ptp(np.append(own, 0)) * np.abs(kernel).max() / 127 / largest)


def images(twin: tf_keras.Model, seed: int) -> np.ndarray:
    stored = np.random.default_rng(seed).integers(0, 256, (40, *twin.input_shape[1:]))
    stored[0, 0, 0, 0], stored[0, 0, 1, 0] = 0, 255
    return litert.scaled(stored)


def answers(twin: tf_keras.Model, seen: np.ndarray) -> np.ndarray:
    """Of the int8 file made from a network."""

    def calibration() -> Iterator[list[np.ndarray]]:
        for image in images(twin, 0):
            yield [image[np.newaxis]]

    stored = np.rint((seen - litert.LOWEST) / (litert.HIGHEST - litert.LOWEST) * 255)
    return Runner(litert.convert_int8(twin, calibration))(stored)


@pytest.mark.parametrize("units", [0, 1, 3])
@pytest.mark.parametrize("steps", [300.0, 2000.0])
def test_what_hardly_fires_can_be_run_and_answers_as_before(steps: float, units: int) -> None:
    twin, squeeze = network()
    weaken(twin, squeeze, steps, units)
    assert squeeze.units == 3
    seen, other = images(twin, 0), images(twin, 1)
    expected = [np.asarray(twin(each, training=False)) for each in (seen, other)]
    with pytest.raises(ScaleNetError, match=r"the .tflite file cannot be run by LiteRT's interpreter"):
        answers(twin, seen)
    assert waken(twin, seen) == [squeeze.name]
    assert 10 < step_ratio(twin, squeeze, seen) < 16.01
    if units < 3:  # One of them never fires.
        np.testing.assert_array_equal(np.asarray(twin(seen, training=False)), expected[0])
    size = np.abs(expected[1]).max()
    np.testing.assert_allclose(np.asarray(twin(other, training=False)), expected[1], atol=1e-4 * size)
    assert np.abs(answers(twin, other) - expected[1]).max() < 0.15 * size


@pytest.mark.parametrize("steps", [None, 8.0])
def test_squeezes_that_fire_stay_as_they_are(steps: float | None) -> None:
    twin, squeeze = network()
    if steps is not None:
        weaken(twin, squeeze, steps, 1)
    before = [weights.copy() for weights in twin.get_weights()]
    assert waken(twin, images(twin, 0)) == []
    for old, new in zip(before, twin.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_training_in_int8_leaves_the_constant_alone() -> None:
    # A process of its own: tensorflow-model-optimization decides for all of it which Keras is tf.keras.
    command = [sys.executable, "-m", "tests.helpers.train_with_a_weak_squeeze"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.stdout.splitlines()[-1:] == ["its file runs"], result.stderr
