"""Accuracy: which images a model classifies correctly, over arrays or over batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from scalenet_tf.errors import InvalidInputError


def correct(labels: Any, scores: Any) -> np.ndarray:
    """Whether the largest score of each image is that of its label.

    Args:
      labels: int [N].
      scores: [N, classes], logits or probabilities.

    Returns:
      bool [N].
    """
    return np.argmax(scores, axis=-1) == np.asarray(labels)


def accuracy(labels: Any, scores: Any) -> float:
    """Share of images whose largest score is that of their label, 0 to 1; see `correct`."""
    return float(np.mean(correct(labels, scores)))


def accuracy_over(score: Callable[[Any], Any], batches: Iterable[tuple[Any, Any]]) -> float:
    """Accuracy over batches of which none is kept.

    Args:
      score: Takes the images of a batch and returns their scores [N, classes].
      batches: Pairs of images and labels [N].

    Returns:
      The accuracy, 0 to 1.

    Raises:
      ScaleNetError: If there are no images.

    Example:
      >>> accuracy_over(model.predict_on_batch, [(images, labels)])
    """
    # Counted in integers: Keras' metrics add up in float32, which rounds the share.
    right = count = 0
    for images, labels in batches:
        found = correct(labels, score(images))
        right, count = right + int(found.sum()), count + len(found)
    if not count:
        raise InvalidInputError("`batches` must hold at least one image to score")
    return right / count
