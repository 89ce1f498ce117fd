"""Layers that tf_keras lacks or converts badly.

tf_keras has no hard swish, and its hard sigmoid is another function than that of Keras 3.
"""

from __future__ import annotations

import tensorflow as tf
import tf_keras


class HardSilu(tf_keras.layers.Layer):
    """x relu6(x + 3) / 6, which the converter turns into one operation."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * (tf.nn.relu6(x + 3.0) / 6.0)


class HardSigmoid(tf_keras.layers.Layer):
    """relu6(x + 3) / 6."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu6(x + 3.0) / 6.0


class ComposedHardSilu(tf_keras.layers.Layer):
    """Hard swish in several operations: in int8 the single operation is several times as slow on x86."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return (x * (1 / 6)) * tf.nn.relu6(x + 3.0)


class Reshape(tf_keras.layers.Reshape):
    """Reshape without the three operations for the batch size, which split a file between delegates."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.reshape(x, (-1, *self.target_shape))


def activation(kind: str, name: str) -> tf_keras.layers.Layer:
    """Makes the layer of an activation by its name in Keras 3."""
    if kind == "hard_silu":
        return HardSilu(name=name)
    if kind == "hard_sigmoid":
        return HardSigmoid(name=name)
    if kind == "relu6":
        return tf_keras.layers.ReLU(6.0, name=name)
    if kind == "relu":
        return tf_keras.layers.ReLU(name=name)
    # Quantisation knows it by the name swish.
    return tf_keras.layers.Activation({"silu": "swish"}[kind], name=name)
