"""Encoded images are decoded alike by training, prediction and the served graph."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.decoder import DECODER, Decoder
from scalenet_tf.data.fit import Fit, stored
from scalenet_tf.data.resize import resize
from scalenet_tf.export.image_bytes import decode
from scalenet_tf.export.saved_model import write_saved_model
from scalenet_tf.members.prediction import predict
from tests.helpers import mixed_images as mixed

SIDE, STORED = 6, 9
RED = Decoder((200, 10, 30))


@pytest.mark.parametrize("decoder", [DECODER, RED, Decoder(plain=True)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_served_graph_has_the_pixels_of_training(channels: int, decoder: Decoder) -> None:
    served = tf.function(lambda content: decode(content, channels, decoder)).get_concrete_function(
        tf.TensorSpec([], tf.string)
    )
    files = {name: content for name, content in mixed.table().items() if mixed.is_served(name)}
    files |= {f"{number}.jpg": mixed.oriented("JPEG", number) for number in range(1, 9)}
    files |= {f"{number}.png": mixed.oriented("PNG", number) for number in range(1, 9)}
    if decoder.plain and channels == 1:
        del files["cmyk.jpe"]  # as earlier versions refused it
    assert len(files) > 25
    for name, content in files.items():
        found = served(tf.constant(content)).numpy()
        np.testing.assert_array_equal(found, decoder.decode(tf.constant(content), channels), err_msg=name)


def test_other_formats_are_refused_by_a_served_graph() -> None:
    served = tf.function(lambda content: decode(content, 3, DECODER)).get_concrete_function(
        tf.TensorSpec([], tf.string)
    )
    for name, content in mixed.table().items():
        if not mixed.is_served(name):
            with pytest.raises(tf.errors.InvalidArgumentError, match="an image must be a whole JPEG or PNG"):
                served(tf.constant(content))


@pytest.fixture(scope="module")
def pixels() -> keras.Model:
    """A network whose logits are the pixels that it is given."""
    scaled = keras.layers.Rescaling(1 / 64)
    return keras.Sequential([keras.Input((SIDE, SIDE, 3)), scaled, keras.layers.Flatten()])


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
def test_predictions_of_any_file_are_those_of_its_pixels(
    tmp_path: Path, pixels: keras.Model, fit: Fit
) -> None:
    labels = [f"pixel {number}" for number in range(SIDE * SIDE * 3)]
    write_saved_model(pixels, labels, tmp_path / "model", RED, fit, image_size=STORED)
    signatures = tf.saved_model.load(str(tmp_path / "model")).signatures
    files = mixed.table()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    predictions = predict(tmp_path / "model", [tmp_path / name for name in files])
    for prediction, (name, content) in zip(predictions, files.items(), strict=True):
        image = RED.decode(tf.constant(content), 3)[None]
        logits = pixels(resize(stored(image, STORED, fit, RED.background), SIDE))
        expected = tf.nn.softmax(logits).numpy()[0]
        of_pixels = signatures["serving_default"](images=image)["probabilities"][0]
        np.testing.assert_allclose(of_pixels, expected, atol=1e-6, err_msg=name)
        if mixed.is_served(name):
            of_bytes = signatures["serving_bytes"](image_bytes=tf.constant([content]))["probabilities"][0]
            np.testing.assert_allclose(of_bytes, expected, atol=1e-6, err_msg=name)
        best = np.sort(expected)[::-1][:5]
        np.testing.assert_allclose(prediction.probabilities, best, atol=1e-6, err_msg=name)
