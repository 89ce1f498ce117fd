"""A layer of the user's own that changes training images, as a pure function of a key."""

from __future__ import annotations

import keras
import tensorflow as tf

_APART = 64  # Draws of a generator between two steps.


def augmented(layer: keras.layers.Layer, images: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    """Calls a layer in training mode, with the states of its seed generators set by `key`.

    Args:
      layer: The layer, which has been called before.
      images: float32 [N, S, S, C] in 0 to 255.
      key: int64 [2], (seed, step).
    """
    weights = {id(variable) for variable in layer.weights}
    seeds = [variable for variable in layer.variables if id(variable) not in weights]
    # The second number counts the draws of a generator.
    states = [
        (seed, tf.cast(tf.stack([key[0] + position, key[1] * _APART]), seed.dtype))
        for position, seed in enumerate(seeds)
    ]
    with keras.StatelessScope(state_mapping=states):
        changed = layer(images, training=True)
    return tf.ensure_shape(tf.cast(changed, images.dtype), images.shape)
