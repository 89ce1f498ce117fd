"""Labelled images that Python code passes: arrays, or a dataset of tf.data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.data.given_arrays import image_arrays, in_batches, label_array, label_texts
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.class_name import stored_names
from scalenet_tf.utils.shown import shown

GivenImages: TypeAlias = "tuple[Any, Any] | tf.data.Dataset"


@dataclass(frozen=True)
class GivenSplit:
    """Images of one split, as Python code passed them.

    Attributes:
      argument: Name of the argument, for errors.
      batches: Yields images [N, H, W, C] and labels [N], [N, 1], one-hot or multi-hot [N, K].
      count: Number of images or batches, for progress; None if it is not known.
      class_names: Names of the classes in their stored form, if the images came with some.
      by_name: Whether the labels were names, which are numbered in alphabetical order.
    """

    argument: str
    batches: Iterator[tuple[np.ndarray, np.ndarray]]
    count: int | None
    class_names: tuple[str, ...] | None
    by_name: bool = False


_LARGEST = 2**31 - 1  # Larger ones would change their sign as integers.
_MOST_CHANNELS = 4  # of an image that is no batch of grey ones


def given_split(images: GivenImages, argument: str) -> GivenSplit:
    """Prepares images for reading.

    Args:
      images: Arrays (images, labels), where images of several sizes are a list of arrays; or a
        tf.data.Dataset of such pairs, batched or not.
      argument: Name of the argument, for errors.

    Raises:
      ScaleNetError: If it is neither, or an endless dataset.
    """
    if isinstance(images, tf.data.Dataset):
        return _of_dataset(images, argument)
    if isinstance(images, tuple) and len(images) == 2:
        if _are_two_pairs(images):
            raise InvalidInputError(
                f"`{argument}` must be one pair (images, labels). Received two, as keras.datasets returns "
                "them for training and testing. Pass the first as `data` and the second as `test_data`; an "
                "evaluation takes one of them."
            )
        return _of_arrays(*images, argument)
    hint = ""
    if isinstance(images, Mapping):
        hint = ". Keys of the section `data` are given with dots: **{'data.skip_corrupt': True}"
    raise InvalidInputError(
        f"`{argument}` must be a pair (images, labels) of arrays, a tf.data.Dataset of such pairs, or a data "
        f"source such as 'folder:photos'. Received: {_described(images)}{hint}"
    )


def _are_two_pairs(images: tuple[Any, Any]) -> bool:
    """Whether these are ((images, labels), (images, labels)): no label has three axes."""
    pairs = all(isinstance(part, tuple | list) and len(part) == 2 for part in images)
    return pairs and getattr(images[1][0], "ndim", 0) >= 3


def _of_arrays(images: Any, labels: Any, argument: str) -> GivenSplit:
    found, numbers = image_arrays(images, argument), label_array(labels, argument)
    shape = found.shape if isinstance(found, np.ndarray) else (len(found), "…")
    if not shape or numbers.ndim == 0 or shape[0] != len(numbers):
        raise InvalidInputError(
            f"`{argument}` must hold as many labels as images. Received: shapes {shape} and {numbers.shape}"
        )
    names, texts = None, label_texts(numbers, argument)
    if texts is not None:
        unique, numbers = np.unique(texts, return_inverse=True)
        names = stored_names(unique)
    batches = in_batches(found)
    ends = np.cumsum([len(batch) for batch in batches])
    pairs = ((batch, numbers[end - len(batch) : end]) for batch, end in zip(batches, ends, strict=True))
    return GivenSplit(argument, pairs, len(batches), names, by_name=texts is not None)


def _of_dataset(data: tf.data.Dataset, argument: str) -> GivenSplit:
    _check_pairs(data.element_spec, argument)
    cardinality = int(data.cardinality())
    if cardinality == tf.data.INFINITE_CARDINALITY:
        raise InvalidInputError(
            f"`{argument}` must be a dataset that ends. Received: an endless one. Leave out its .repeat(), "
            "or end it with .take(steps)."
        )
    batched = data if _is_batched(data) else data.batch(1)
    pairs, names = _checked(batched.as_numpy_iterator(), argument), getattr(data, "class_names", None)
    by_name = data.element_spec[1].dtype == tf.string
    if by_name:
        labels = batched.map(lambda image, label: label).as_numpy_iterator()
        found = set[str]().union(*(set(_texts(part, argument).reshape(-1).tolist()) for part in labels))
        names = sorted(found)
        pairs = _numbered(pairs, np.array(names, str), argument)
    count = cardinality if cardinality >= 0 else None
    stored = None if names is None else stored_names(names)
    return GivenSplit(argument, pairs, count, stored, by_name=by_name)


def _check_pairs(spec: Any, argument: str) -> None:
    """Raises ScaleNetError if the elements of a dataset are no pairs of one tensor for each part."""
    if isinstance(spec, tuple) and len(spec) == 2 and all(isinstance(part, tf.TensorSpec) for part in spec):
        return
    raise InvalidInputError(
        f"`{argument}` must be a dataset of pairs (image, label), each of them one dense tensor. Received "
        f"elements: {shown(spec)}. Bring them into that form with .map(); a set of TFDS yields it "
        "with tfds.load(…, as_supervised=True)."
    )


def _is_batched(data: tf.data.Dataset) -> bool:
    """Whether the elements of a dataset of pairs are batches: [N, H, W, C], or [N, H, W] of grey images."""
    image, label = (spec.shape for spec in data.element_spec)
    if image.rank is None or (image.rank == 3 and image[-1] is None):
        for first in data.take(1).as_numpy_iterator():
            image, label = (tf.TensorShape(np.shape(part)) for part in first)
    if image.rank == 3 and label.rank != 0:  # A label alone goes with one image; a one-hot one may too.
        return image[-1] is not None and image[-1] > _MOST_CHANNELS
    return bool(image.rank == 4)


def _checked(batches: Iterable[Any], argument: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for images, labels in batches:
        if np.ndim(labels) == 0 or len(images) != len(labels):
            raise InvalidInputError(
                f"`{argument}` must hold as many labels as images. Received: a batch of shapes "
                f"{np.shape(images)} and {np.shape(labels)}"
            )
        yield images, labels


def _numbered(
    batches: Iterator[tuple[np.ndarray, np.ndarray]], names: np.ndarray, argument: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Batches with the position of each name among sorted names in its place."""
    for images, labels in batches:
        texts = _texts(labels, argument)
        unknown = texts[~np.isin(texts, names)]
        if unknown.size:
            raise InvalidInputError(
                f"`{argument}` must hold the same labels each time it is read. Received: {unknown[0]!r}, "
                "which the first reading did not have. Give its .shuffle() a seed."
            )
        yield images, np.searchsorted(names, texts)


def _texts(labels: np.ndarray, argument: str) -> np.ndarray:
    texts = label_texts(labels, argument)
    return np.zeros(labels.shape, str) if texts is None else texts  # An empty batch.


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
