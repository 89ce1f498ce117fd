"""The check that an exported model answers as the Keras model does, on real images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.data import DataSet
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.outputs import probabilities
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.profiling.runtimes import OnnxScorer
from scalenet_tf.run.exports import Format, model_file
from scalenet_tf.run.metrics import Parity
from scalenet_tf.utils.whole_float32 import whole_float32

IMAGES = 256
_BATCH = 64
# Half precision rounds each weight to 11 bits; the rest are the same sums in another order.
TOLERANCES = {form: 1e-2 if form is Format.litert_float16 else 1e-4 for form in Format}


@dataclass(frozen=True)
class Batch:
    """Images as they are stored, uint8, and as the pipeline resizes them for the network, float32."""

    stored: tf.Tensor
    resized: np.ndarray


Ask = Callable[[Batch], np.ndarray]


def check_parity(folder: Path, form: Format, model: keras.Model, data: DataSet, task: Task) -> Parity:
    """Compares an export with the model, which is fed the pipeline's resized images.

    Raises:
      ScaleNetError: If a probability differs by more than the format's tolerance.
    """
    asks, tolerance = ways_to_ask(folder, form, task), TOLERANCES[form]
    largest, images = 0.0, 0

    def batches(resolution: int) -> tf.data.Dataset:
        return data.evaluation_batches("validation", resolution=resolution, batch_size=_BATCH, limit=IMAGES)

    # At the stored size nothing is resized: the values are the stored uint8.
    pairs = zip(batches(data.info.image_size), batches(model.input_shape[1]), strict=True)
    for (stored, _), (resized, _) in pairs:
        batch = Batch(tf.cast(stored, tf.uint8), resized.numpy())
        with whole_float32():
            expected = probabilities(task, model(resized, training=False)).numpy()
            answers = {name: ask(batch) for name, ask in asks.items()}
        for name, answer in answers.items():
            difference = np.max(np.abs(answer - expected))
            # Written so that NaN fails too.
            if not difference <= tolerance:
                raise ScaleNetError(
                    f"the exported {name} differs from the Keras model by {difference:.2g} in a probability "
                    f"(at most {tolerance:g} is allowed); nothing was exported. Check that no weight is NaN, "
                    "and report it with the run's config.yaml."
                )
            largest = max(largest, float(difference))
        images += len(expected)
    return Parity(images=images, largest_difference=largest, tolerance=tolerance)


def ways_to_ask(folder: Path, form: Format, task: Task = Task.single_label) -> Mapping[str, Ask]:
    """The signatures of a SavedModel, fed stored images; the one entry of the other formats."""
    if form is Format.saved_model:
        signatures = tf.saved_model.load(str(folder)).signatures

        def served(name: str, **images: tf.Tensor) -> np.ndarray:
            answer: np.ndarray = signatures[name](**images)["probabilities"].numpy()
            return answer

        return {
            "serving_default": lambda batch: served("serving_default", images=batch.stored),
            "serving_float": lambda batch: served("serving_float", images=tf.cast(batch.stored, tf.float32)),
            "serving_bytes": lambda batch: served("serving_bytes", image_bytes=as_png(batch.stored)),
        }
    score = _scorer(model_file(folder, form), form, task)
    return {str(form): lambda batch: score(batch.resized)}


def _scorer(file: Path, form: Format, task: Task) -> Callable[[np.ndarray], np.ndarray]:
    if form is Format.keras:
        model = keras.models.load_model(file, compile=False)
        return lambda images: probabilities(task, model.predict_on_batch(images)).numpy()
    return (OnnxScorer if form is Format.onnx else Runner)(file)


def as_png(images: tf.Tensor) -> tf.Tensor:
    """Each image [H, W, C] of a batch as the bytes of a PNG file."""
    return tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)
