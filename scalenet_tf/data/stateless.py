"""Keras' random layers as pure functions of a key."""

from __future__ import annotations

from typing import TypeVar

import keras
import tensorflow as tf

# A generator counts its draws in the second number of its key: keys lie so far apart that none meets another.
DRAWS = 16
Inputs = TypeVar("Inputs", tf.Tensor, dict[str, tf.Tensor])


def stateless(layer: keras.layers.Layer, inputs: Inputs, key: tf.Tensor) -> Inputs:
    """What a preprocessing layer does in training where its seed generator stands at `key`.

    Args:
      layer: One with a `generator`, as Keras' random image layers have.
      inputs: Images [N, H, W, C], or a dict of images and labels.
      key: Integer [2].
    """
    # The generator's variable is read as `key`, and the step that it takes goes nowhere.
    state = [(layer.generator.state, tf.cast(key, layer.generator.state.dtype))]
    with keras.StatelessScope(state_mapping=state):
        return layer(inputs, training=True)


def further(key: tf.Tensor, draws: int) -> tf.Tensor:
    """The key that a generator has after so many draws from `key`."""
    return key + tf.constant([0, draws], key.dtype)
