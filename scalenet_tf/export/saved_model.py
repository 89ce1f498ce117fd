"""A Keras model as a SavedModel for TensorFlow Serving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from scalenet_tf.config.task import PRESENT, Task
from scalenet_tf.data.decoder import DECODER, Decoder
from scalenet_tf.data.fit import Fit, fitted_by_way_of
from scalenet_tf.export.frozen import frozen_scorer
from scalenet_tf.export.image_bytes import decode, with_pixels

MOST_ANSWERS = 5
SIGNATURES = ("serving_default", "serving_float", "serving_bytes")


def write_saved_model(
    model: keras.Model,
    labels: Sequence[str],
    folder: Path,
    decoder: Decoder = DECODER,
    fit: Fit = "crop",
    task: Task = Task.single_label,
    image_size: int | None = None,
) -> None:
    """Writes a SavedModel with three signatures, whose weights are constants of one shared graph.

    `serving_default` takes uint8 images [N, H, W, C] of any H and W, `serving_float` float32 in 0…255.
    `serving_bytes` takes strings [N], each a JPEG or PNG of up to 2^26 pixels, grey or colour; they are
    turned by their EXIF orientation, and transparent ones laid over a background, as in training. Other
    formats must be converted by the client. An image without pixels, with too many, or that cannot be decoded
    fails its batch, with an error that says so.

    All make images square and resize them in the graph as training did, first to the size of its stored
    images, then to that of the network; images of the network's own size are not changed. They give
    `probabilities` [N, classes] and the likeliest k = min(5, classes) answers, the first the best:
    `class_ids` int32 [N, k] and `labels` string [N, k]. For multi_label these are all classes, and `present`
    bool [N, k] tells which of them have a probability of at least 0.5.

    Args:
      model: Images in 0…255 to logits, as `build_model` or `folded_model` make it.
      labels: Name of each class.
      folder: A folder that does not exist yet.
      decoder: The decoder that training used.
      fit: Rule by which images that are not square become so, as in training.
      task: Task of the network.
      image_size: Side in pixels at which the run stores its images. Default: that of the network.
    """
    side, channels = model.input_shape[1], model.input_shape[3]
    several = task is Task.multi_label
    k = len(labels) if several else min(MOST_ANSWERS, len(labels))
    score = frozen_scorer(model, task)

    def answer(images: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = score(tf.ensure_shape(images, (None, side, side, channels)))
        best = tf.math.top_k(probabilities, k)
        return {
            "probabilities": probabilities,
            "class_ids": best.indices,
            "labels": tf.gather(tf.constant(list(labels)), best.indices),
            **({"present": best.values >= PRESENT} if several else {}),
        }

    def sized(images: tf.Tensor) -> tf.Tensor:
        return fitted_by_way_of(image_size or side, images, side, fit, decoder.background)

    def answer_images(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return answer(sized(with_pixels(images)))

    def answer_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        def read(encoded: tf.Tensor) -> tf.Tensor:
            return sized(decode(encoded, channels, decoder)[tf.newaxis])[0]

        spec = tf.TensorSpec((side, side, channels), tf.float32)
        return answer(tf.map_fn(read, image_bytes, fn_output_signature=spec))

    def traced(function: object, shape: tuple, dtype: tf.DType, name: str) -> object:
        return tf.function(function, input_signature=[tf.TensorSpec(shape, dtype, name=name)])

    images = (None, None, None, channels)
    signatures = {
        "serving_default": traced(answer_images, images, tf.uint8, "images"),
        "serving_float": traced(answer_images, images, tf.float32, "images"),
        "serving_bytes": traced(answer_bytes, (None,), tf.string, "image_bytes"),
    }
    # Nobody differentiates a served model, and silu's own gradient cannot be stored without variables.
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    tf.saved_model.save(tf.Module(), str(folder), signatures=signatures, options=options)
