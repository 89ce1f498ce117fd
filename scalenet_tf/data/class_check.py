"""Every class has training images, and enough to be split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.data.multi_hot import class_sizes
from scalenet_tf.data.sources.source import counted_from_one
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import first_few

_FEW_IMAGES = 20  # one image is 5 points of such a class\'s accuracy


def check_class_sizes(found: np.ndarray, labels: Sequence[str], parts: Sequence[str], place: str) -> None:
    """Raises ScaleNetError if a class has some images, but fewer than there are parts.

    Args:
      found: Label of each image of the train split, int [N].
      labels: Name of each class.
      parts: Splits that are taken from the train split, each of which needs an image of every class.
      place: Name of the train split.
    """
    counts = np.bincount(found, minlength=len(labels))
    small = np.flatnonzero((counts > 0) & (counts < len(parts))).tolist()
    if small:
        few = [f"{labels[label]!r} has {counts[label]}" for label in small]
        raise InvalidInputError(
            f"`data.source`: every class needs at least {len(parts)} images, at least one for each of "
            f"{', '.join(parts)}. Received in {place}: {first_few(few)}. Give more images of them, or leave "
            "these classes out."
        )


def check_classes_are_there(found: np.ndarray, labels: Sequence[str], place: str) -> None:
    """Raises ScaleNetError if a class has no training images.

    Args:
      found: Label of each training image, int [N] or multi-hot [N, classes].
      labels: Name of each class.
      place: Name of the train split.
    """
    absent = _absent(found, labels)
    if not absent:
        return
    hint = (
        f" The labels are {found.min()} to {found.max()}: if they are counted from 1, subtract 1 from each."
        if counted_from_one(found)
        else ""
    )
    raise InvalidInputError(
        f"`data.source`: every class needs images to train on. Received in {place}: none of {len(absent)} of "
        f"{len(labels)} classes, {first_few(absent)}.{hint} Give images of them, or leave these classes out: "
        "remove their empty folders or their names, or give the images of a TFDS set as folder:PATH."
    )


def check_classes_are_left(found: np.ndarray, labels: Sequence[str]) -> None:
    """Raises ScaleNetError if corrupt images were left out and a class has no others to train on.

    Args:
      found: Label of each training image that can be decoded, int [N] or multi-hot [N, classes].
      labels: Name of each class.
    """
    absent = _absent(found, labels)
    if absent:
        raise InvalidInputError(
            f"`data.source`: every class needs images to train on. None is left of {first_few(absent)}: "
            "those that were to be trained on cannot be decoded. Repair them, or leave these classes out."
        )


def few_validation_images(found: np.ndarray, labels: Sequence[str]) -> str | None:
    """Returns a sentence that names the classes with few validation images, None if there are none.

    The search compares networks by their score on these images.

    Args:
      found: Label of each validation image, int [N] or multi-hot [N, classes].
      labels: Name of each class.
    """
    counts = class_sizes(found, len(labels))
    few = [f"{name!r} has {count}" for name, count in zip(labels, counts, strict=True) if count < _FEW_IMAGES]
    if not few:
        return None
    scores = "accuracies" if found.ndim == 1 else "average precisions"
    return (
        f"{len(few)} of {len(labels)} classes have fewer than {_FEW_IMAGES} validation images, so that their "
        f"{scores} say little: {first_few(few)}. More images, or a larger data.validation_fraction, help"
    )


def _absent(found: np.ndarray, labels: Sequence[str]) -> list[str]:
    counts = class_sizes(found, len(labels))
    return [repr(name) for name, count in zip(labels, counts, strict=True) if not count]
