"""The score of a network's answers: accuracy, or mean average precision where images have several labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from scalenet_tf.config.task import Task
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.models.accuracy import accuracy, accuracy_over
from scalenet_tf.models.average_precision import average_precisions, mean_average_precision


def score(task: Task, labels: Any, scores: Any) -> float:
    """Returns the score of some answers, 0 to 1.

    Args:
      task: The task.
      labels: int [N], or multi-hot [N, classes] for multi_label.
      scores: Logits or probabilities [N, classes].

    Raises:
      ScaleNetError: For multi_label, if no image has a class.
    """
    if task is Task.single_label:
        return accuracy(labels, scores)
    return mean_average_precision(average_precisions(np.asarray(labels), np.asarray(scores)))


def score_over(task: Task, answer: Callable[[Any], Any], batches: Iterable[tuple[Any, Any]]) -> float:
    """Returns the score over batches, 0 to 1; of their images, none is kept.

    Args:
      task: The task.
      answer: Takes the images of a batch and returns their logits or probabilities [N, classes].
      batches: Pairs of images and labels.

    Raises:
      ScaleNetError: If there are no images, or in the cases of `score`.

    Example:
      >>> score_over(Task.multi_label, model.predict_on_batch, [(images, labels)])
    """
    if task is Task.single_label:
        return accuracy_over(answer, batches)
    return score(task, *collected(answer, batches))


def collected(
    answer: Callable[[Any], Any], batches: Iterable[tuple[Any, Any]]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the labels and the answers to all images of some batches; see `score_over`."""
    found = [(np.asarray(labels), np.asarray(answer(images))) for images, labels in batches]
    if not found:
        raise InvalidInputError("`batches` must hold at least one image to score")
    labels, answers = zip(*found, strict=True)
    return np.concatenate(labels), np.concatenate(answers)
