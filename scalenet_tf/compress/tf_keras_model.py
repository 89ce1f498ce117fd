"""A subnet's network in tf_keras, the only Keras that tensorflow-model-optimization supports."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import tf_keras

from scalenet_tf.compress.tf_keras_layers import ComposedHardSilu, Reshape, activation
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.plain import Library, build_model
from scalenet_tf.space import Subnet
from scalenet_tf.utils.whole_float32 import whole_float32

_NAMES = SimpleNamespace(
    Input=tf_keras.Input,
    Model=tf_keras.Model,
    layers=SimpleNamespace(**{**vars(tf_keras.layers), "Reshape": Reshape}),
)
TF_KERAS = Library(_NAMES, activation)
COMPOSED = Library(
    _NAMES,
    lambda kind, name: ComposedHardSilu(name=name) if kind == "hard_silu" else activation(kind, name),
)
TOLERANCE = 1e-5
_IMAGES = 16


def build_tf_keras_model(subnet: Subnet, model: keras.Model, *, composed: bool = False) -> tf_keras.Model:
    """Builds a subnet in tf_keras with the weights of its Keras model.

    Args:
      subnet: The network.
      model: Keras model of the subnet.
      composed: Whether to leave hard swish in several operations; see `ComposedHardSilu`.

    Raises:
      ScaleNetError: If a logit of random images differs by more than `TOLERANCE` of the largest logit.
    """
    network = build_model(subnet, library=COMPOSED if composed else TF_KERAS)
    copy_weights(model, network)
    difference = largest_difference(model, network)
    # Written so that NaN fails too.
    if not difference <= TOLERANCE:
        raise ScaleNetError(
            f"the member's logits in tf_keras differ from those in Keras by {difference:.2g} of the largest "
            f"logit (at most {TOLERANCE:g} is allowed). Check that no weight is NaN, and report it with the "
            "member's architecture.json."
        )
    return network


def copy_weights(source: keras.Model | tf_keras.Model, target: tf_keras.Model) -> None:
    """Copies the weights between layers of equal names."""
    for layer in target.layers:
        if layer.weights:
            layer.set_weights(source.get_layer(layer.name).get_weights())


def largest_difference(model: keras.Model, network: tf_keras.Model) -> float:
    """The largest difference of a logit over random images, relative to the largest logit."""
    shape = (_IMAGES, *model.input_shape[1:])
    images = np.random.default_rng(0).uniform(0, 255, shape).astype("float32")
    with whole_float32():
        expected = np.asarray(model(images, training=False))
        found = np.asarray(network(images, training=False))
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))
