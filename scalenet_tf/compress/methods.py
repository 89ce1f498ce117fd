"""The methods of compression: each turns a trained member into the bytes of a .tflite file.

Import this in a separate process only, since tensorflow-model-optimization decides for a whole process which
Keras is tf.keras.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tf_keras

from scalenet_tf.compress import litert
from scalenet_tf.compress.finetune import FineTuning
from scalenet_tf.compress.options import Method
from scalenet_tf.compress.qat import KeepWeights, quantization_aware
from scalenet_tf.compress.sparse import cluster, prune
from scalenet_tf.compress.tf_keras_model import build_tf_keras_model, copy_weights
from scalenet_tf.compress.weak_squeezes import fix_weak_squeezes
from scalenet_tf.data.resize import resize
from scalenet_tf.members.evaluation import TrainedMember

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CompressionInput:
    """A trained member and the settings of its fine-tuning."""

    member: TrainedMember
    tuning: FineTuning


def ptq_float16(source: CompressionInput) -> bytes:
    """float32 arithmetic with weights stored in float16."""
    return litert.convert_float(build_tf_keras_model(source.member.subnet, source.member.model), half=True)


def ptq_int8(source: CompressionInput) -> bytes:
    """int8 arithmetic, with ranges measured on training images."""
    network, images, _ = _int8_network(source, composed=True)
    return litert.convert_int8(network, lambda: ([image[np.newaxis]] for image in images))


def qat_int8(source: CompressionInput) -> bytes:
    """int8 arithmetic, with ranges and weights learnt together."""
    network, _, weak = _int8_network(source)
    network = quantization_aware(network)
    # One step of training would move the weights of a fixed squeeze by more than its constant.
    source.tuning.fit(network, scaled=True, callbacks=[KeepWeights(network, weak)])
    return litert.convert_int8(network)


def pruned(source: CompressionInput) -> bytes:
    """float32 arithmetic, with a share of the weights set to zero and left out of the file."""
    return litert.convert_float(_fine_tuned(source, prune), sparse=True)


def clustered(source: CompressionInput) -> bytes:
    """float32 arithmetic, with few distinct weights, so that the file compresses well."""
    return litert.convert_float(_fine_tuned(source, cluster))


def _fine_tuned(
    source: CompressionInput, fine_tune: Callable[[tf_keras.Model, FineTuning], tf_keras.Model]
) -> tf_keras.Model:
    subnet, model = source.member.subnet, source.member.model
    # The tuned layers still belong to the graph of their wrappers: their weights go into a new network.
    network = build_tf_keras_model(subnet, model)
    copy_weights(fine_tune(build_tf_keras_model(subnet, model), source.tuning), network)
    return network


COMPRESS: Mapping[Method, Callable[[CompressionInput], bytes]] = {
    "ptq-int8": ptq_int8,
    "ptq-float16": ptq_float16,
    "qat-int8": qat_int8,
    "prune": pruned,
    "cluster": clustered,
}


def _int8_network(
    source: CompressionInput, *, composed: bool = False
) -> tuple[tf_keras.Model, np.ndarray, list[str]]:
    """The network to convert to int8, images to measure its ranges with, and the squeezes that were fixed."""
    network = build_tf_keras_model(source.member.subnet, source.member.model, composed=composed)
    network, images = litert.without_scaling(network), _calibration_images(source)
    weak = fix_weak_squeezes(network, images)
    if weak:
        logger.info(
            f"{source.tuning.title}: made a unit constant in squeezes too weak for int8: {', '.join(weak)}"
        )
    return network, images, weak


def _calibration_images(source: CompressionInput) -> np.ndarray:
    """Training images, scaled for a network of `litert.without_scaling`."""
    tuning, side = source.tuning, source.member.subnet.resolution
    stored = tuning.data.calibration_images(tuning.options.calibration_images, tuning.seed)
    images: np.ndarray = litert.scaled(resize(tf.constant(stored), side).numpy())
    # Two pixels of one image span the whole range of images, so that the input's scale is exact.
    images[0, 0, 0, 0], images[0, 0, 1, 0] = litert.LOWEST, litert.HIGHEST
    return images
