"""The content of a data source other than the bundled one: encoded images and class names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.sources.split_names import Role
from scalenet_tf.errors import InvalidInputError

ALL = "all images"


@dataclass(frozen=True)
class Source:
    """Encoded images of a source.

    Attributes:
      labels: Name of each class.
      train: The train split, if the source has one; of a source without splits, all images.
      validation: The validation split, if the source has one.
      test: The test split, if the source has one.
      places: Name of each of these splits in the source, such as "valid/".
      unused: Names of other splits of the source.
      unread: Files and folders of the source that are not used, such as "12 .heic".
      channels: Number of channels, 1 or 3, that every image is decoded to. Default: as stored.
      tests_on_validation: Whether networks are tested on the validation split if there is no test split.
    """

    labels: tuple[str, ...]
    train: Encoded | None = None
    validation: Encoded | None = None
    test: Encoded | None = None
    places: Mapping[Role, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    channels: int | None = None
    tests_on_validation: bool = True

    def held_out(self) -> Role | None:
        """The split that networks are tested on; None if it has to be a part of train."""
        if self.test is not None:
            return "test"
        return "validation" if self.validation is not None and self.tests_on_validation else None

    def scored(self) -> Role:
        """The split that an evaluation of new images takes: test, else validation, else train."""
        if self.test is not None:
            return "test"
        return "validation" if self.validation is not None else "train"


def check_labels(encoded: Encoded, labels: tuple[str, ...], place: str) -> np.ndarray:
    """Returns the labels of all images, int64 [N], or multi-hot int8 [N, classes].

    Args:
      encoded: The images.
      labels: Name of each class.
      place: The place in the source that they come from, such as "valid/".

    Raises:
      ScaleNetError: If there are no images or no labels, or naming the first whose label is out of range.
    """
    found = encoded.labels
    if not len(found):
        raise InvalidInputError(f"`data.source` must have labelled images in {place}. It holds none there.")
    if found.ndim == 2:  # Their range was checked when they were made.
        if not found.any():
            raise InvalidInputError(
                f"`data.source` must have images with labels. None of its {len(found):,} images has any."
            )
        return found
    wrong = (found < 0) | (found >= len(labels))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidInputError(
            f"`data.source`: labels must lie in 0..{len(labels) - 1}, as it names {len(labels)} classes. "
            f"Received: {found[row]} in {encoded.name(row)}. {_hint(found, labels)}".rstrip()
        )
    return found


def counted_from_one(found: np.ndarray) -> bool:
    """Whether labels look as if the first class had the number 1."""
    return found.ndim == 1 and len(found) > 0 and int(found.min()) == 1


def _hint(found: np.ndarray, labels: tuple[str, ...]) -> str:
    if counted_from_one(found) and int(found.max()) == len(labels):
        return "They are counted from 1: subtract 1 from each."
    return ""
