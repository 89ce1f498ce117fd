"""The content of a data source other than the bundled one: encoded images and class names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.data.encoded import Encoded
from scalenet_tf.errors import InvalidInputError


@dataclass(frozen=True)
class Source:
    """Encoded images of a source.

    Attributes:
      labels: Name of each class.
      train: The train split.
      test: The test split, if the source has one.
      validation: The validation split, if the source has one besides test.
    """

    labels: tuple[str, ...]
    train: Encoded
    test: Encoded | None = None
    validation: Encoded | None = None


def check_labels(encoded: Encoded, labels: tuple[str, ...]) -> np.ndarray:
    """Returns the labels of all images, int64 [N].

    Raises:
      ScaleNetError: If there are no images, or naming the first whose label is out of range.
    """
    found = encoded.labels
    if not len(found):
        raise InvalidInputError(
            "`data.source` holds no images. Give a source with labelled images in its train split."
        )
    wrong = (found < 0) | (found >= len(labels))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidInputError(
            f"`data.source`: labels must lie in 0..{len(labels) - 1}, as it names {len(labels)} classes. "
            f"Received: {found[row]} in {encoded.name(row)}"
        )
    return found
