"""Average precision of classes that an image may have several of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.errors import InvalidInputError


def average_precision(positive: np.ndarray, scores: np.ndarray) -> float | None:
    """Area under the step curve of precision over recall, as scikit-learn's `average_precision_score`.

    It is the sum over thresholds n of (recall_n - recall_{n-1}) * precision_n, from the highest score down;
    images of equal scores share a threshold.

    Args:
      positive: Whether each image has the class, bool or 0/1 [N].
      scores: Score of the class in each image, [N]; any numbers that rank the images.

    Returns:
      0 to 1; None if no image has the class.

    Example:
      >>> average_precision(np.array([1, 0, 1]), np.array([0.9, 0.8, 0.3]))
      0.8333333333333333
    """
    positive, scores = np.asarray(positive, bool), np.asarray(scores)
    total = int(positive.sum())
    if not total:
        return None
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(positive[order])
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    precision = right[ends] / (ends + 1)
    gained = np.diff(right[ends], prepend=0)
    return float(np.sum(gained * precision) / total)


def average_precisions(labels: np.ndarray, scores: np.ndarray) -> list[float | None]:
    """Average precision of each class, None for a class that no image has.

    Args:
      labels: Multi-hot labels, 0 or 1 [N, classes].
      scores: Scores [N, classes].
    """
    return [average_precision(own, ranks) for own, ranks in zip(labels.T, np.asarray(scores).T, strict=True)]


def mean_average_precision(of_class: Sequence[float | None]) -> float:
    """Mean of `average_precisions` over the classes that some image has, 0 to 1.

    Raises:
      ScaleNetError: If no image has any class.
    """
    known = [value for value in of_class if value is not None]
    if not known:
        raise InvalidInputError(
            "mean average precision needs at least one image that has a class. None of the scored images has "
            "one. Give images with labels."
        )
    return float(np.mean(known))
