"""Predictions over a split, and metrics computed from them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from scalenet_tf.config import Task
from scalenet_tf.data import DataSet
from scalenet_tf.data.dataset import Split
from scalenet_tf.models.accuracy import correct
from scalenet_tf.models.average_precision import average_precisions
from scalenet_tf.models.class_counts import ClassCounts
from scalenet_tf.models.outputs import probabilities as probabilities_of
from scalenet_tf.space.rules import ceil_divide
from scalenet_tf.utils.progress import tracked

BINS = 15
# Of more classes the confusion matrix, which grows with their square, is left out.
MOST_CONFUSED = 1000


def predictions(
    model: keras.Model, data: DataSet, split: Split, batch_size: int, task: Task
) -> tuple[np.ndarray, np.ndarray]:
    """Runs a model over a split.

    Args:
      model: A network from images to logits.
      data: The data set.
      split: Name of the split.
      batch_size: Images per batch.
      task: Task of the network.

    Returns:
      The labels, int [N] or multi-hot [N, classes], and the probabilities, float32 [N, classes].
    """
    batches = data.evaluation_batches(split, resolution=model.input_shape[1], batch_size=batch_size)
    total = ceil_divide(data.examples(split).count, batch_size)
    shown = tracked(batches, f"{split} predictions", total)
    found = [
        (labels.numpy(), probabilities_of(task, model.predict_on_batch(images))) for images, labels in shown
    ]
    labels, probabilities = zip(*found, strict=True)
    return np.concatenate(labels), np.concatenate(probabilities)


def class_details(task: Task, labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Returns the fields of `Metrics` that tell of single classes and of calibration.

    Args:
      task: The task.
      labels: Labels of the test split, int [N] or multi-hot [N, classes].
      probabilities: [N, classes].
    """
    if task is Task.multi_label:
        return {"class_average_precision": tuple(average_precisions(labels, probabilities))}
    classes = probabilities.shape[1]
    counts = ClassCounts.over(lambda scores: scores, [(probabilities, labels)], classes)
    found: dict[str, Any] = {
        "calibration_error": calibration_error(labels, probabilities),
        "class_accuracy": tuple(counts.of_class),
    }
    if classes <= MOST_CONFUSED:
        found["confusion"] = tuple(map(tuple, confusion(labels, probabilities).tolist()))
    return found


def confusion(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Confusion matrix, int [classes, classes]: one row per true class, one column per predicted class."""
    classes = probabilities.shape[1]
    pairs = labels.astype(np.int64) * classes + probabilities.argmax(axis=1)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Expected calibration error: the sum over bins b of n_b / N · |accuracy_b - mean confidence_b|.

    The confidence is the probability of the predicted class; the 15 bins (k / 15, (k + 1) / 15] have equal
    width.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = correct(labels, probabilities)
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    # n_b / N · |mean - mean| is |sum - sum| / N.
    gaps = np.bincount(bins, right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))
