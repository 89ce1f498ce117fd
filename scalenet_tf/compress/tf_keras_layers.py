"""What tf_keras lacks or converts badly, as layers of it.

It knows no hard swish, and by the name of hard sigmoid another function than Keras 3.
"""

from __future__ import annotations

import tensorflow as tf
import tf_keras


class HardSilu(tf_keras.layers.Layer):
    """x relu6(x + 3) / 6, which a converter takes for one operation."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * (tf.nn.relu6(x + 3.0) / 6.0)


class HardSigmoid(tf_keras.layers.Layer):
    """relu6(x + 3) / 6."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu6(x + 3.0) / 6.0


class ComposedHardSilu(tf_keras.layers.Layer):
    """Hard swish that stays several operations: in int8 the one is several times as slow on x86."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return (x * (1 / 6)) * tf.nn.relu6(x + 3.0)


class Reshape(tf_keras.layers.Reshape):
    """tf_keras' own asks for the batch's size: three more operations, which part a file for its delegate."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.reshape(x, (-1, *self.target_shape))


def activation(kind: str, name: str) -> tf_keras.layers.Layer:
    """The layer of an activation's Keras 3 name."""
    if kind == "hard_silu":
        return HardSilu(name=name)
    if kind == "hard_sigmoid":
        return HardSigmoid(name=name)
    if kind == "relu6":
        return tf_keras.layers.ReLU(6.0, name=name)
    if kind == "relu":
        return tf_keras.layers.ReLU(name=name)
    # By the name under which quantisation knows it.
    return tf_keras.layers.Activation({"silu": "swish"}[kind], name=name)
