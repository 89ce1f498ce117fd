"""The check that an exported model answers as the Keras model does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.data import DataSet
from scalenet_tf.errors import ScaleNetError

TOLERANCE = 1e-4
IMAGES = 256
_BATCH = 64


@dataclass(frozen=True)
class Parity:
    """The largest difference of a probability over so many validation images and both signatures."""

    images: int
    largest_difference: float
    tolerance: float = TOLERANCE


def check_parity(loaded: Any, model: keras.Model, data: DataSet) -> Parity:
    """Compares both signatures, fed stored images, with the model, fed the pipeline's resized ones.

    Raises:
      ScaleNetError: if a probability differs by more than `TOLERANCE`.
    """
    side = model.input_shape[1]

    def batches(resolution: int) -> tf.data.Dataset:
        return data.evaluation_batches("validation", resolution=resolution, batch_size=_BATCH, limit=IMAGES)

    largest, images = 0.0, 0
    # At the stored size nothing is resized: the values are the stored uint8.
    for (stored, _), (resized, _) in zip(batches(data.info.image_size), batches(side), strict=True):
        expected = tf.nn.softmax(model(resized, training=False)).numpy()
        for name, dtype in (("serving_default", tf.uint8), ("serving_float", tf.float32)):
            answers = loaded.signatures[name](images=tf.cast(stored, dtype))
            difference = np.max(np.abs(answers["probabilities"].numpy() - expected))
            # Written so that NaN fails too.
            if not difference <= TOLERANCE:
                raise ScaleNetError(
                    f"the exported {name} differs from the Keras model by {difference:.2g} in a probability "
                    f"(at most {TOLERANCE:g} is allowed); nothing was exported. Check that no weight is NaN, "
                    "and report it with the run's config.yaml."
                )
            largest = max(largest, float(difference))
        images += len(expected)
    return Parity(images, largest)
