"""The meaning of logits in a task: probabilities of the classes, targets to learn, and the loss."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config.task import Task

_SMALLEST = 1e-7  # Keras' own bound below the logarithm of a probability


def probabilities(task: Task, logits: Any) -> tf.Tensor:
    """Returns the probabilities of the classes, [N, classes]: softmax, or sigmoid for multi_label."""
    return tf.nn.sigmoid(logits) if task is Task.multi_label else tf.nn.softmax(logits)


def loss_of(task: Task, label_smoothing: float, reduction: str = "sum_over_batch_size") -> keras.losses.Loss:
    """Returns Keras' cross-entropy of targets [N, classes] and logits, with Keras' label smoothing.

    For multi_label it is binary cross-entropy, the mean over the classes.

    Args:
      task: The task.
      label_smoothing: Share of each label, 0 to 1, that is spread over all classes, or for multi_label over
        present and absent.
      reduction: Keras' reduction of the images' losses.
    """
    losses = keras.losses
    kind = losses.BinaryCrossentropy if task is Task.multi_label else losses.CategoricalCrossentropy
    return kind(from_logits=True, label_smoothing=label_smoothing, reduction=reduction)


def as_targets(labels: tf.Tensor, classes: int, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Returns labels as targets [N, classes]: one-hot of classes [N]; multi-hot ones as they are."""
    if labels.shape.rank == 1:
        return tf.one_hot(labels, classes, dtype=dtype)
    return tf.cast(labels, dtype)


def array_as_targets(labels: np.ndarray, classes: int) -> np.ndarray:
    """Returns `as_targets` of an array as float32."""
    return np.eye(classes, dtype=np.float32)[labels] if labels.ndim == 1 else labels.astype(np.float32)


def outputs_as_logits(task: Task, outputs: np.ndarray) -> np.ndarray:
    """Returns logits of a network's outputs [N, classes], which may be probabilities."""
    low, high = outputs.min(), outputs.max()
    if task is Task.multi_label and low >= 0 and high <= 1:
        bounded = np.clip(outputs, _SMALLEST, 1 - _SMALLEST)
        return np.asarray(np.log(bounded) - np.log1p(-bounded))
    if task is Task.single_label and low >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return np.asarray(np.log(np.maximum(outputs, _SMALLEST)))
    return outputs
