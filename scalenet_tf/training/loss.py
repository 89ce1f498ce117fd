"""What a subnet learns from: smoothed labels, or another subnet's answers."""

from __future__ import annotations

import tensorflow as tf


def smooth_labels(labels: tf.Tensor, classes: int, smoothing: float, dtype: tf.DType) -> tf.Tensor:
    """One-hot labels [N, classes], a share `smoothing` of each spread evenly over all classes."""
    targets = tf.one_hot(labels, classes, dtype=dtype)
    return targets * (1 - smoothing) + smoothing / classes


def soft_labels(logits: tf.Tensor) -> tf.Tensor:
    """A teacher's probabilities [N, classes], through which no gradient flows (in-place distillation)."""
    return tf.stop_gradient(tf.nn.softmax(logits))


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of [N, classes] probabilities and logits, summed over the images."""
    targets = tf.cast(targets, logits.dtype)
    return tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
