"""What a source other than the bundled one gives: encoded images and the names of their classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.data.encoded import Encoded
from scalenet_tf.errors import ScaleNetError


@dataclass(frozen=True)
class Source:
    """Encoded images of train, and of test and validation where the source has splits of its own for them."""

    labels: tuple[str, ...]
    train: Encoded
    test: Encoded | None = None
    validation: Encoded | None = None


def check_labels(encoded: Encoded, labels: tuple[str, ...]) -> np.ndarray:
    """Returns the labels of all images, int64 [N].

    Raises:
      ScaleNetError: if there are no images, or naming the first whose label is out of range.
    """
    found = encoded.labels
    if not len(found):
        raise ScaleNetError(
            "`data.source` holds no images. Give a source with labelled images in its train split."
        )
    wrong = (found < 0) | (found >= len(labels))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ScaleNetError(
            f"`data.source`: labels must lie in 0..{len(labels) - 1}, as it names {len(labels)} classes. "
            f"Received: {found[row]} in {encoded.name(row)}"
        )
    return found
