"""The error about images that cannot be read or decoded, which names them and says why."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.image_header import too_large
from scalenet_tf.errors import InvalidInputError

logger = logging.getLogger(__name__)

_SHOWN = 3


@dataclass(frozen=True)
class CorruptPart:
    """Images of one split that cannot be read or decoded.

    Attributes:
      encoded: The encoded images.
      rows: Rows of these images.
      total: Number of all images of the split.
    """

    encoded: Encoded
    rows: np.ndarray
    total: int


class CorruptImagesError(InvalidInputError):
    """Images cannot be decoded.

    Attributes:
      found: The text without the remedies.
      splits: Names of the splits that they are in.
      in_own_source: Whether they are not among the files of the training images, so that removing them would
        not change the splits.
    """

    def __init__(self, parts: dict[str, CorruptPart], remedies: str, *, in_own_source: bool = False):
        self.in_own_source = in_own_source
        self.found = describe(list(parts.values()))
        self.splits = tuple(name for name, part in parts.items() if len(part.rows))
        super().__init__(f"{self.found}. {remedies}")


def describe(parts: list[CorruptPart]) -> str:
    """Says how many images cannot be decoded, and names the first; the log names all of them at DEBUG."""
    count = sum(len(part.rows) for part in parts)
    for number, (encoded, row) in enumerate(_rows(parts)):
        if number >= _SHOWN:
            logger.debug("cannot be decoded: %s", encoded.name(row))
    shown = [_named(encoded, row) for (encoded, row), _ in zip(_rows(parts), range(_SHOWN), strict=False)]
    more = ", … (--verbose names all)" if count > _SHOWN else ""
    total = sum(part.total for part in parts)
    return f"`data.source`: {count} of {total} images cannot be decoded: {', '.join(shown)}{more}"


def _rows(parts: list[CorruptPart]) -> Iterator[tuple[Encoded, int]]:
    return ((part.encoded, int(row)) for part in parts for row in part.rows)


def _named(encoded: Encoded, row: int) -> str:
    reason = _reason(encoded, row)
    return encoded.name(row) + (f" ({reason})" if reason else "")


def _reason(encoded: Encoded, row: int) -> str | None:
    """Says why, where that is more than a content that no decoder takes."""
    unreadable = encoded.unreadable(np.array([row])).get(row)
    if unreadable is not None:
        return unreadable
    try:
        return too_large(encoded.content(row))
    except tf.errors.OpError:
        return None
