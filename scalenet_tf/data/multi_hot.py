"""Labels of images with any number of classes: multi-hot, int8 [N, classes], 1 where a class is present."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from scalenet_tf.errors import InvalidInputError


def multi_hot(
    found: Sequence[Iterable[int]], classes: int, name: Callable[[int], str] = lambda row: f"row {row}"
) -> np.ndarray:
    """Returns the multi-hot labels of images.

    Args:
      found: The classes of each image, from 0.
      classes: Number of classes.
      name: Returns the name of an image in messages.

    Raises:
      ScaleNetError: If a class is out of range.

    Example:
      >>> multi_hot([(0, 2), ()], 3).tolist()
      [[1, 0, 1], [0, 0, 0]]
    """
    labels = np.zeros((len(found), classes), np.int8)
    for row, present in enumerate(found):
        own = np.fromiter(present, np.int64)
        wrong = own[(own < 0) | (own >= classes)]
        if len(wrong):
            raise InvalidInputError(
                f"`data.source`: labels must lie in 0..{classes - 1}, as it names {classes} classes. "
                f"Received: {int(wrong[0])} in {name(row)}."
            )
        labels[row, own] = 1
    return labels


def class_sizes(labels: np.ndarray, classes: int) -> np.ndarray:
    """Returns the number of images of each class, int64 [classes].

    Args:
      labels: int [N], or multi-hot [N, classes].
      classes: Number of classes.
    """
    if labels.ndim == 1:
        return np.bincount(labels, minlength=classes)
    return labels.sum(axis=0, dtype=np.int64)
