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


def are_probabilities(task: Task, outputs: np.ndarray) -> bool:
    """Whether a network's outputs [N, classes] are probabilities rather than logits.

    The logits of a few images may look like probabilities of multi_label by chance, so that a whole batch
    should decide for all images.
    """
    if outputs.min() < 0:
        return False
    if task is Task.multi_label:
        return bool(outputs.max() <= 1)
    # Rounded to 16 bits, probabilities of many classes no longer sum to 1 exactly.
    exact = outputs.dtype.itemsize >= 4
    return bool(np.allclose(outputs.astype(np.float32).sum(axis=1), 1, atol=1e-3 if exact else 0.05))


def as_logits(task: Task, probabilities: np.ndarray) -> np.ndarray:
    """Returns logits of probabilities [N, classes], from which `probabilities` returns them again."""
    if task is Task.multi_label:
        bounded = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
        return np.asarray(np.log(bounded) - np.log1p(-bounded))
    return np.asarray(np.log(np.maximum(probabilities, _SMALLEST)))
