"""Targets, loss and score of a subnet on a training batch."""

from __future__ import annotations

import math

import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.models.outputs import as_targets, probabilities


def smooth_labels(
    task: Task, labels: tf.Tensor, classes: int, smoothing: float, dtype: tf.DType
) -> tf.Tensor:
    """Targets [N, classes] with a share `smoothing`, 0 to 1, spread evenly as Keras' losses do.

    It is spread over all classes, for multi_label over present and absent.
    """
    targets = as_targets(labels, classes, dtype)
    return targets * (1 - smoothing) + smoothing / (2 if task is Task.multi_label else classes)


def soft_labels(task: Task, logits: tf.Tensor) -> tf.Tensor:
    """A teacher's probabilities [N, classes] without gradient, for in-place distillation."""
    return tf.stop_gradient(probabilities(task, logits))


def cross_entropy(task: Task, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Cross entropy of target probabilities and logits, [N, classes] each, summed over the images.

    For multi_label it is Keras' binary cross-entropy, the mean over the classes.
    """
    targets = tf.cast(targets, logits.dtype)
    if task is Task.multi_label:
        of_class = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)
        return tf.reduce_sum(tf.reduce_mean(of_class, axis=-1))
    return tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(targets, logits))


def batch_score(task: Task, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Score of a batch times its images, a scalar: images classified correctly, or mean average precision.

    Args:
      task: The task.
      labels: int [N], or multi-hot [N, classes] for multi_label.
      logits: [N, classes].
    """
    if task is Task.single_label:
        return tf.reduce_sum(tf.cast(tf.argmax(logits, -1, labels.dtype) == labels, logits.dtype))
    ranked = tf.argsort(tf.transpose(logits), direction="DESCENDING", stable=True)
    # The labels of each class, its likeliest image first: [classes, N].
    present = tf.gather(tf.transpose(tf.cast(labels, tf.float32)), ranked, batch_dims=1)
    images = tf.cast(tf.shape(logits)[0], tf.float32)
    precision = tf.cumsum(present, axis=1) / tf.range(1, images + 1)
    positives = tf.reduce_sum(present, axis=1)
    of_class = tf.math.divide_no_nan(tf.reduce_sum(present * precision, axis=1), positives)
    classes = tf.reduce_sum(tf.cast(positives > 0, tf.float32))
    return images * tf.math.divide_no_nan(tf.reduce_sum(of_class), classes)


def guessing_loss(task: Task, classes: int) -> float:
    """Cross entropy of a network that knows nothing: classes equally likely, or for multi_label even odds."""
    return math.log(2 if task is Task.multi_label else classes)
