"""Training a published architecture as the members are trained."""

from __future__ import annotations

import math
from typing import Any

import keras

from scalenet_tf.members.initial_weights import initialize
from studies.common.train_from_scratch import train
from studies.families.published import Published
from studies.families.study import Study

_SIDE = 32  # The least that these architectures take.
# As in our members. With 0.999, their own, statistics after so few steps are still those of the start.
_MOMENTUM = 0.9


def train_published(study: Study, one: Published, seed: int) -> dict[str, Any]:
    """Trains an architecture as a member is trained, with images of 32 px.

    Returns:
      A JSON object with `macs`, `parameters` and `accuracy`.
    """
    keras.backend.clear_session()
    network = build(one, study.space.channels, study.space.classes)
    initialize(network, seed, 0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = _MOMENTUM
    image = keras.Input((_SIDE, _SIDE, study.space.channels))
    model = keras.Model(image, network(keras.layers.Rescaling(1 / 127.5, -1.0)(image)))
    images = study.images_config.model_copy(update={"image_size": _SIDE})
    accuracy = train(model, _SIDE, images, study.training, seed, data_seed=seed)
    return {"macs": count_macs(network), "parameters": network.count_params(), "accuracy": accuracy}


def build(one: Published, channels: int, classes: int) -> keras.Model:
    """Builds an architecture, from images in -1…1 to logits."""
    options = {"include_preprocessing": False} if one.architecture == "MobileNetV3Small" else {}
    network: keras.Model = getattr(keras.applications, one.architecture)(
        input_shape=(_SIDE, _SIDE, channels),
        alpha=one.alpha,
        weights=None,
        classes=classes,
        classifier_activation=None,
        **options,
    )
    return network


def count_macs(network: keras.Model) -> int:
    """Multiply-adds of convolutions and dense layers, for one image."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
            total += math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total
