"""Weights of the training images in the loss, so that every class counts alike."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def balanced_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Weight of an image of each class, N / (classes · images of the class), whose mean over images is 1.

    Args:
      labels: Label of each training image, int [N].
      classes: Number of classes.

    Returns:
      float32 [classes].
    """
    counts = np.bincount(labels, minlength=classes)
    weights: np.ndarray = len(labels) / (classes * np.maximum(counts, 1))
    return weights.astype(np.float32)


def with_weights(pairs: tf.data.Dataset, weights: np.ndarray) -> tf.data.Dataset:
    """Adds the weight of each image to batches of (images, targets), as Keras' `fit` takes it.

    A mixed image has the weights of its classes in the shares of its label. A teacher's answers, which
    `TaughtLoss` finds behind the labels, do not change it.
    """
    own = tf.constant(weights[:, None])

    def add(images: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        return images, targets, (targets[:, : len(weights)] @ own)[:, 0]

    return pairs.map(add)
