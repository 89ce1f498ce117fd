"""Labelled images that Python code passes: arrays, or a dataset of tf.data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError

GivenImages: TypeAlias = "tuple[Any, Any] | tf.data.Dataset"


@dataclass(frozen=True)
class GivenSplit:
    """Images of one split, as Python code passed them.

    Attributes:
      argument: Name of the argument, for errors.
      batches: Yields images [N, H, W, C] and labels [N], [N, 1], one-hot or multi-hot [N, K].
      count: Number of images or batches, for progress; None if it is not known.
      class_names: Names of the classes, if the images came with some.
      by_name: Whether the labels were names, which are numbered in alphabetical order.
    """

    argument: str
    batches: Iterator[tuple[np.ndarray, np.ndarray]]
    count: int | None
    class_names: tuple[str, ...] | None
    by_name: bool = False


_BATCH = 256
_LARGEST = 2**31 - 1  # Larger ones would change their sign as integers.


def given_split(images: GivenImages, argument: str) -> GivenSplit:
    """Prepares images for reading.

    Args:
      images: Arrays (images, labels), or a tf.data.Dataset of such pairs, batched or not.
      argument: Name of the argument, for errors.

    Raises:
      ScaleNetError: If it is neither, or an endless dataset.
    """
    if isinstance(images, tf.data.Dataset):
        return _of_dataset(images, argument)
    if isinstance(images, tuple) and len(images) == 2:
        return _of_arrays(np.asarray(images[0]), np.asarray(images[1]), argument)
    raise InvalidInputError(
        f"`{argument}` must be a pair (images, labels) of arrays, a tf.data.Dataset of such pairs, or a data "
        f"source such as 'folder:photos'. Received: {_described(images)}"
    )


def _of_arrays(images: np.ndarray, labels: np.ndarray, argument: str) -> GivenSplit:
    if images.ndim == 0 or labels.ndim == 0 or len(images) != len(labels):
        raise InvalidInputError(
            f"`{argument}` must hold as many labels as images. Received: shapes {images.shape} and "
            f"{labels.shape}"
        )
    names, texts = None, _texts(labels, argument)
    if texts is not None:
        found, labels = np.unique(texts, return_inverse=True)
        names = tuple(map(str, found))
    starts = range(0, len(images), _BATCH)
    batches = ((images[start : start + _BATCH], labels[start : start + _BATCH]) for start in starts)
    return GivenSplit(argument, batches, len(starts), names, by_name=texts is not None)


def _texts(labels: np.ndarray, argument: str) -> np.ndarray | None:
    """Returns labels that are names as texts, and None for numbers."""
    if labels.dtype.kind in "US":
        return labels if labels.dtype.kind == "U" else np.char.decode(labels, "utf-8")
    if labels.dtype.kind != "O":
        return None
    # Columns of pandas hold objects.
    others = [label for label in labels.reshape(-1) if not isinstance(label, str)]
    if 0 < len(others) < labels.size:
        raise InvalidInputError(
            f"`{argument}`: labels must all be names, or all be numbers. Received: {others[0]!r} among names."
        )
    return labels.astype(str) if labels.size and not others else None


def _of_dataset(data: tf.data.Dataset, argument: str) -> GivenSplit:
    if not (isinstance(data.element_spec, tuple) and len(data.element_spec) == 2):
        raise InvalidInputError(
            f"`{argument}` must be a dataset of pairs (image, label). Received elements: {data.element_spec}"
        )
    cardinality = int(data.cardinality())
    if cardinality == tf.data.INFINITE_CARDINALITY:
        raise InvalidInputError(
            f"`{argument}` must be a dataset that ends. Received: an endless one. Leave out its .repeat(), "
            "or end it with .take(steps)."
        )
    rank = data.element_spec[0].shape.rank
    if rank is None:
        rank = next((image.ndim for image, _ in data.take(1).as_numpy_iterator()), 3)
    batched = data if rank == 4 else data.batch(1)
    names = getattr(data, "class_names", None)
    return GivenSplit(
        argument,
        batched.as_numpy_iterator(),
        cardinality if cardinality >= 0 else None,
        None if names is None else tuple(map(str, names)),
    )


def given_labels(labels: np.ndarray, task: Task, argument: str, classes: int | None = None) -> np.ndarray:
    """Returns the labels of a batch as a task has them: int64 [N], or multi-hot int8 [N, classes].

    Args:
      labels: Labels as Python code passed them.
      task: The task.
      argument: Name of the argument, for errors.
      classes: Number of classes, if it is known.

    Raises:
      ScaleNetError: If they have another form.
    """
    if task is Task.single_label:
        found = class_ids(labels, argument)
        if classes is not None and found.size and found.max() >= classes:
            raise InvalidInputError(
                f"`{argument}`: labels must be classes 0 to {classes - 1}. Received: {found.max()}. If they "
                "are counted from 1, subtract 1 from each."
            )
        return found
    wanted = "classes" if classes is None else str(classes)
    wide = labels.ndim == 2 and labels.shape[1] > 1 and classes in (None, labels.shape[1])
    if not wide or labels.dtype.kind not in "iufb" or not np.isin(labels, (0, 1)).all():
        raise InvalidInputError(
            f"`{argument}`: labels of the task multi_label must be multi-hot, of shape [N, {wanted}], with 1 "
            "for each class that an image has and 0 for the others. Received: "
            f"{labels.dtype} {labels.shape}, such as {labels[:1].tolist()}."
        )
    return labels.astype(np.int8)


def class_ids(labels: np.ndarray, argument: str) -> np.ndarray:
    """Returns the classes, int64 [N], of labels [N], [N, 1] or one-hot [N, K].

    Raises:
      ScaleNetError: If they are none of these.
    """
    if labels.ndim == 2 and labels.shape[1] > 1:
        if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()):
            raise InvalidInputError(
                f"`{argument}`: labels of shape {labels.shape} must be one-hot, with one 1 in each row. "
                'Received others. Labels of several classes at once need task="multi_label".'
            )
        return np.asarray(labels.argmax(axis=1), np.int64)
    flat = labels.reshape(-1) if labels.ndim == 2 else labels
    if (
        flat.ndim != 1
        or flat.dtype.kind not in "iufb"
        or not (flat == np.floor(flat)).all()
        or (flat < 0).any()
        or (flat > _LARGEST).any()
    ):
        raise InvalidInputError(
            f"`{argument}`: labels must be classes 0, 1, … in a shape [N] or [N, 1], or one-hot [N, K]. "
            f"Received: {labels.dtype} {labels.shape}, such as {labels[:1].tolist()}. Numbers to be "
            "predicted (regression) are not supported: divide their range into classes."
        )
    return flat.astype(np.int64)


def _described(value: object) -> str:
    return type(value).__name__ + (f" of length {len(value)}" if isinstance(value, tuple | list) else "")
