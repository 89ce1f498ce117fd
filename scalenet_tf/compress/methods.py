"""From a trained member to the bytes of its compressed file, a function a method.

Only a process of its own imports this: tensorflow-model-optimization decides for a whole process which
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
from scalenet_tf.compress.qat import Held, quantization_aware
from scalenet_tf.compress.sparse import cluster, prune
from scalenet_tf.compress.tf_keras_model import build_twin, copy_weights
from scalenet_tf.compress.weak_squeezes import waken
from scalenet_tf.data.resize import resize
from scalenet_tf.members.evaluation import TrainedMember

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What is compressed, and on which images."""

    member: TrainedMember
    tuning: FineTuning


def ptq_float16(source: Source) -> bytes:
    """Weights in float16."""
    return litert.convert_float(build_twin(source.member.subnet, source.member.model), half=True)


def ptq_int8(source: Source) -> bytes:
    """int8 throughout, ranges measured on training images."""
    network, images, _ = _awake(source, composed=True)
    return litert.convert_int8(network, lambda: ([image[np.newaxis]] for image in images))


def qat_int8(source: Source) -> bytes:
    """int8 throughout, ranges and weights learnt together."""
    network, _, weak = _awake(source)
    network = quantization_aware(network)
    # A step of training moves a weight by more than the constant that `waken` gave such a squeeze.
    source.tuning.fit(network, scaled=True, callbacks=[Held(network, weak)])
    return litert.convert_int8(network)


def pruned(source: Source) -> bytes:
    """float32, a share of the weights zero and left out of the file."""
    subnet, model = source.member.subnet, source.member.model
    # Layers out of their wrappers stand in two graphs: their weights go into a network built anew.
    twin = build_twin(subnet, model)
    copy_weights(prune(build_twin(subnet, model), source.tuning), twin)
    return litert.convert_float(twin, sparse=True)


def clustered(source: Source) -> bytes:
    """float32, of few different values, which a compressed download gains from."""
    subnet, model = source.member.subnet, source.member.model
    twin = build_twin(subnet, model)
    copy_weights(cluster(build_twin(subnet, model), source.tuning), twin)
    return litert.convert_float(twin)


COMPRESS: Mapping[Method, Callable[[Source], bytes]] = {
    "ptq-int8": ptq_int8,
    "ptq-float16": ptq_float16,
    "qat-int8": qat_int8,
    "prune": pruned,
    "cluster": clustered,
}


def _awake(source: Source, *, composed: bool = False) -> tuple[tf_keras.Model, np.ndarray, list[str]]:
    """The network that is to compute in int8, images to measure its ranges with, and whom `waken` woke."""
    twin = build_twin(source.member.subnet, source.member.model, composed=composed)
    network, images = litert.without_scaling(twin), _calibration_images(source)
    weak = waken(network, images)
    if weak:
        # Before the fine-tuning, whose bar would overwrite it.
        logger.info(
            f"{source.tuning.title}: int8 needs a constant unit in what hardly fires: {', '.join(weak)}"
        )
    return network, images, weak


def _calibration_images(source: Source) -> np.ndarray:
    """Training images as `litert.without_scaling` leaves a network to take them."""
    tuning, side = source.tuning, source.member.subnet.resolution
    stored = tuning.data.calibration_images(tuning.options.calibration_images, tuning.seed)
    images: np.ndarray = litert.scaled(resize(tf.constant(stored), side).numpy())
    # Two pixels of one image span the range of all images, which decides the scale of the input.
    images[0, 0, 0, 0], images[0, 0, 1, 0] = litert.LOWEST, litert.HIGHEST
    return images
