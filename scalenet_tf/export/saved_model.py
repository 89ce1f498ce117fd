"""A Keras model as a SavedModel for TensorFlow Serving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from scalenet_tf.data.resize import resize

MOST_ANSWERS = 5


def write_saved_model(model: keras.Model, labels: Sequence[str], folder: Path) -> None:
    """Writes a SavedModel with two signatures over images [N, H, W, C] of any H and W.

    `serving_default` takes uint8, `serving_float` float32 in 0…255; both resize in the graph, with the
    function that training used, and give `probabilities` [N, classes] and the likeliest k = min(5,
    classes) answers, the first the best: `class_ids` int32 [N, k] and `labels` string [N, k].

    Args:
      model: A model of `build_model`: images in 0…255 to logits.
      labels: Name of each class.
      folder: A folder that does not exist yet.
    """
    _, side, _, channels = model.input_shape
    k = min(MOST_ANSWERS, len(labels))

    def answer(images: tf.Tensor) -> dict[str, tf.Tensor]:
        images = tf.ensure_shape(resize(images, side), (None, side, side, channels))
        probabilities = tf.nn.softmax(model(images, training=False))
        ids = tf.math.top_k(probabilities, k).indices
        return {
            "probabilities": probabilities,
            "class_ids": ids,
            "labels": tf.gather(tf.constant(list(labels)), ids),
        }

    archive = keras.export.ExportArchive()
    # Not archive.track(model): the variables would be stored twice.
    for name, dtype in (("serving_default", tf.uint8), ("serving_float", tf.float32)):
        spec = tf.TensorSpec((None, None, None, channels), dtype, name="images")
        archive.add_endpoint(name, answer, [spec])
    archive.write_out(str(folder), verbose=False)
