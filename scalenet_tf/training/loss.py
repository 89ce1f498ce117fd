"""Targets and loss of a subnet: smoothed labels, soft labels and cross entropy."""

from __future__ import annotations

import tensorflow as tf


def smooth_labels(labels: tf.Tensor, classes: int, smoothing: float, dtype: tf.DType) -> tf.Tensor:
    """One-hot labels [N, classes] with a share `smoothing`, 0 to 1, spread evenly over all classes."""
    targets = tf.one_hot(labels, classes, dtype=dtype)
    return targets * (1 - smoothing) + smoothing / classes


def soft_labels(logits: tf.Tensor) -> tf.Tensor:
    """A teacher's probabilities [N, classes] without gradient, for in-place distillation."""
    return tf.stop_gradient(tf.nn.softmax(logits))


def cross_entropy(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of target probabilities and logits, [N, classes] each, summed over the images."""
    targets = tf.cast(targets, logits.dtype)
    return tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
