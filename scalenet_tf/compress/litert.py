"""Conversion of a tf_keras network to the bytes of a .tflite file."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import absl.logging
import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from scalenet_tf.compress.shrink import shrink
from scalenet_tf.models.plain import INPUT_OFFSET, INPUT_SCALE

# 0 and 255 after the scaling of images.
LOWEST, HIGHEST = INPUT_OFFSET, 255 * INPUT_SCALE + INPUT_OFFSET

RepresentativeData = Callable[[], Iterator[list[np.ndarray]]]


def convert_float(model: tf_keras.Model, *, half: bool = False, sparse: bool = False) -> bytes:
    """Converts to a file that takes float32 images in 0…255 and returns float32 logits.

    Args:
      model: A network of `build_tf_keras_model`, which scales images itself.
      half: Whether to store weights in float16; the interpreter widens them when it loads the file.
      sparse: Whether to leave out the zeros of weights that are mostly zero.
    """
    converter = _converter(model)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    if sparse:
        converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]
    return _convert(converter)


def convert_int8(model: tf_keras.Model, calibration: RepresentativeData | None = None) -> bytes:
    """Converts to a file that takes uint8 images in 0…255, computes in int8, and returns float32 logits.

    The file has no operation that scales images: one step of a pixel is one step of the input's scale.

    Args:
      model: A network of `without_scaling`, whose input spans LOWEST to HIGHEST.
      calibration: Returns scaled images to measure ranges with. Default: the network has learnt its ranges.
    """
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if calibration is not None:
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    return _convert(converter)


def without_scaling(model: tf_keras.Model) -> tf_keras.Model:
    """The same layers without the first one, which scales images."""
    return tf_keras.Model(model.get_layer("normalization").output, model.output, name="scaled")


def scaled(images: np.ndarray) -> np.ndarray:
    """Scales images in 0…255 for a network of `without_scaling`."""
    return (images * INPUT_SCALE + INPUT_OFFSET).astype(np.float32)


def _converter(model: tf_keras.Model) -> Any:
    spec = tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="images")
    function = tf.function(lambda images: model(images, training=False), input_signature=[spec])
    # Without freezing, a file without weights is written, and no error is raised.
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    with _without_messages():
        return tf.lite.TFLiteConverter.from_concrete_functions([frozen])


def _convert(converter: Any) -> bytes:
    with warnings.catch_warnings(), _without_messages():
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return shrink(bytes(converter.convert()))


@contextmanager
def _without_messages() -> Iterator[None]:
    """Hides messages that do not concern a user: that a function is frozen, and that ranges were learnt."""
    verbosity = absl.logging.get_verbosity()
    absl.logging.set_verbosity(absl.logging.ERROR)
    try:
        yield
    finally:
        absl.logging.set_verbosity(verbosity)
