"""A squeeze that never fires: its file could not be run, and now is, with the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tf_keras
from networks import MIXED
from test_twin import as_if_trained

from scalenet_tf.compress import litert
from scalenet_tf.compress.silent import waken
from scalenet_tf.compress.twin import build_twin
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.interpreter import Runner
from scalenet_tf.sampling import draw_subnet

SUBNET = draw_subnet(MIXED, 3, 0).subnet.model_copy(update={"activation": "relu"})


def network(silent: bool) -> tuple[tf_keras.Model, str]:
    """A network, and the name of one of its squeezes, all of whose units are dead where `silent`."""
    keras.utils.set_random_seed(0)
    model = as_if_trained(SUBNET)
    squeezes = [layer for layer in model.layers if layer.name.endswith("_squeeze")]
    for squeeze in squeezes:
        squeeze.bias.assign(np.full(squeeze.bias.shape, 0.5))
    if silent:
        squeezes[0].bias.assign(np.full(squeezes[0].bias.shape, -50.0))
    return litert.without_scaling(build_twin(SUBNET, model)), squeezes[0].name


def images(twin: tf_keras.Model, seed: int) -> np.ndarray:
    stored = np.random.default_rng(seed).integers(0, 256, (40, *twin.input_shape[1:]))
    stored[0, 0, 0, 0], stored[0, 0, 1, 0] = 0, 255
    return litert.scaled(stored)


def converted(twin: tf_keras.Model) -> Runner:
    def calibration() -> Iterator[list[np.ndarray]]:
        for image in images(twin, 0):
            yield [image[np.newaxis]]

    return Runner(litert.convert_int8(twin, calibration))


def test_its_file_runs_and_answers_as_before() -> None:
    twin, name = network(silent=True)
    seen, other = images(twin, 0), images(twin, 1)
    expected = [np.asarray(twin(each, training=False)) for each in (seen, other)]
    with pytest.raises(ScaleNetError, match=r"the .tflite file cannot be run by LiteRT's interpreter"):
        converted(twin)(seen)
    assert waken(twin, seen) == [name]
    np.testing.assert_array_equal(np.asarray(twin(seen, training=False)), expected[0])
    np.testing.assert_array_equal(np.asarray(twin(other, training=False)), expected[1])
    stored = np.rint((other - litert.LOWEST) / (litert.HIGHEST - litert.LOWEST) * 255)
    answers = converted(twin)(stored)
    assert np.abs(answers - expected[1]).max() < 0.15 * np.abs(expected[1]).max()


def test_squeezes_that_fire_stay_as_they_are() -> None:
    twin, _ = network(silent=False)
    before = [weights.copy() for weights in twin.get_weights()]
    assert waken(twin, images(twin, 0)) == []
    for old, new in zip(before, twin.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
