"""A tf_keras network as the bytes of a .tflite file."""

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

from scalenet_tf.compress.shrink import slim
from scalenet_tf.models.plain import INPUT_OFFSET, INPUT_SCALE

# What 0 and 255 become in the network's first layer.
LOWEST, HIGHEST = INPUT_OFFSET, 255 * INPUT_SCALE + INPUT_OFFSET

Calibration = Callable[[], Iterator[list[np.ndarray]]]


def convert_float(model: tf_keras.Model, *, half: bool = False, sparse: bool = False) -> bytes:
    """A file that takes float32 images in 0…255 and gives float32 logits.

    Args:
      model: A twin, with its own scaling of images.
      half: Store weights in float16; they are widened when the file is loaded.
      sparse: Leave out the zeros of weights that are mostly zero.
    """
    converter = _converter(model)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    if sparse:
        converter.optimizations = [tf.lite.Optimize.EXPERIMENTAL_SPARSITY]
    return _convert(converter)


def convert_int8(model: tf_keras.Model, calibration: Calibration | None = None) -> bytes:
    """A file that computes in int8 throughout: uint8 images in 0…255 to float32 logits.

    The scaling of images is no operation of it: one step of a pixel is one step of the input's scale.

    Args:
      model: A network without its scaling, as `without_scaling` leaves it, so that its input spans
        LOWEST to HIGHEST.
      calibration: Gives scaled images to measure ranges with; None where the network holds its ranges.
    """
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if calibration is not None:
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    return _convert(converter)


def without_scaling(model: tf_keras.Model) -> tf_keras.Model:
    """The same layers from behind the scaling of images on."""
    return tf_keras.Model(model.get_layer("normalization").output, model.output, name="scaled")


def scaled(images: np.ndarray) -> np.ndarray:
    """Images in 0…255 as what `without_scaling` leaves takes."""
    return (images * INPUT_SCALE + INPUT_OFFSET).astype(np.float32)


def _converter(model: tf_keras.Model) -> Any:
    spec = tf.TensorSpec([None, *model.input_shape[1:]], tf.float32, name="images")
    function = tf.function(lambda images: model(images, training=False), input_signature=[spec])
    # Not frozen, a file without weights would be written, without an error.
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    with _quiet():
        return tf.lite.TFLiteConverter.from_concrete_functions([frozen])


def _convert(converter: Any) -> bytes:
    with warnings.catch_warnings(), _quiet():
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return slim(bytes(converter.convert()))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what is no news to a user: that a function is frozen, and that training learnt the ranges."""
    verbosity = absl.logging.get_verbosity()
    absl.logging.set_verbosity(absl.logging.ERROR)
    try:
        yield
    finally:
        absl.logging.set_verbosity(verbosity)
