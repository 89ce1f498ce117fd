"""Decodes every image once, to check their sizes, find corrupt ones, and keep the pixels if they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.data.decoder import Decoder
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.pipeline_options import PARALLEL, untuned
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.progress import reported

_BATCH = 64
_WORTH_A_BAR = 5000  # images; fewer are read within a second


class SourceUnreadableError(InvalidInputError):
    """A file of the source cannot be read, whatever it contains."""


class OtherFormatError(InvalidInputError):
    """An image does not fit the format, and another format would take it.

    Attributes:
      colour: Whether it does not fit since it has colour, rather than by its size.
      refusal: The error if no other format can be chosen.
    """

    def __init__(self, refusal: InvalidInputError, *, colour: bool) -> None:
        self.colour, self.refusal = colour, refusal
        super().__init__(str(refusal))


@dataclass(frozen=True)
class DecodedImages:
    """Images that were decoded.

    Attributes:
      rows: Rows of the images, in the order in which they were decoded.
      images: uint8 [N, S, S, C]; None if they are not kept.
      stored: Height, width, channels and orientation of each file, int32 [N, 4].
    """

    rows: np.ndarray
    images: np.ndarray | None
    stored: np.ndarray


def read_images(
    encoded: Encoded, rows: np.ndarray, image_format: ImageFormat, *, keep: bool
) -> DecodedImages:
    """Decodes some images once.

    Args:
      encoded: The encoded images.
      rows: Rows to decode.
      image_format: Format that they must have.
      keep: Whether to return the pixels.

    Returns:
      The images that could be decoded.

    Raises:
      OtherFormatError: If an image does not fit the format.
      ScaleNetError: If a shard cannot be read.
    """
    rows = encoded.readable(rows)
    try:
        # Nearly always sufficient, and several times as fast as handling errors of each image.
        decoded = encoded.ordered(rows).map(
            lambda row, image_bytes: (row, image_format.decode(image_bytes)), num_parallel_calls=PARALLEL
        )
        return _collect(encoded, decoded, len(rows), image_format, keep)
    except (tf.errors.InvalidArgumentError, SourceUnreadableError) as error:
        left = without_unreadable(encoded, rows)
        if isinstance(error, SourceUnreadableError) and len(left) == len(rows):
            raise
        decoded = _without_corrupt(encoded.ordered(left), image_format.decode)
        return _collect(encoded, decoded, len(rows), image_format, keep)


def look_at(encoded: Encoded, rows: np.ndarray, decoder: Decoder) -> Iterator[tuple[int, int, int, int]]:
    """Yields row, height, width and channels of the images that can be decoded, as they are to be seen."""

    def look(image_bytes: tf.Tensor) -> tf.Tensor:
        image, stored = decoder.decode_and_tell(image_bytes)
        return tf.concat([tf.shape(image)[:2], stored[2:3]], 0)

    for row, (height, width, channels) in _iterate(_without_corrupt(encoded.ordered(rows), look)):
        yield int(row), int(height), int(width), int(channels)


def without_unreadable(encoded: Encoded, rows: np.ndarray) -> np.ndarray:
    """Returns the rows whose file can be read now."""
    return rows[~np.isin(rows, np.fromiter(encoded.unreadable(rows), np.int64))]


def _collect(
    encoded: Encoded, decoded: tf.data.Dataset, total: int, image_format: ImageFormat, keep: bool
) -> DecodedImages:
    """Collects what was decoded and, with `keep`, the images."""
    images = np.empty((total if keep else 0, *image_format.shape), np.uint8)
    good, stored = np.empty(total, np.int64), np.empty((total, 4), np.int32)
    count = 0
    batches: Iterable[Any] = _iterate(decoded.batch(_BATCH).prefetch(2))
    if total >= _WORTH_A_BAR:
        batches = reported(batches, "reading images", -(-total // _BATCH))
    for batch_rows, (batch_images, found) in batches:
        _check(encoded, batch_rows, found, image_format)
        end = count + len(batch_rows)
        good[count:end], stored[count:end] = batch_rows, found
        if keep:
            images[count:end] = batch_images
        count = end
    return DecodedImages(good[:count], images[:count] if keep else None, stored[:count])


def _without_corrupt(pairs: tf.data.Dataset, decode: Callable[[tf.Tensor], Any]) -> tf.data.Dataset:
    """Pairs (row, decoded) of the images that can be decoded, several in parallel.

    Errors are ignored in decoding only: if they were ignored in reading, a shard that cannot be read would be
    retried forever.
    """

    def one(row: tf.Tensor, image_bytes: tf.Tensor) -> tf.data.Dataset:
        pair = tf.data.Dataset.from_tensors((row, image_bytes))
        return pair.map(lambda row, image_bytes: (row, decode(image_bytes))).ignore_errors()

    return pairs.interleave(one, cycle_length=16, num_parallel_calls=PARALLEL)


def _iterate(dataset: tf.data.Dataset) -> Iterator[Any]:
    try:
        yield from untuned(dataset).as_numpy_iterator()
    except tf.errors.InvalidArgumentError:  # an image that cannot be decoded
        raise
    except tf.errors.OpError as error:
        raise SourceUnreadableError(
            f"`data.source` cannot be read: {error.message}. Check that its files are there."
        ) from error


def _check(encoded: Encoded, rows: np.ndarray, stored: np.ndarray, image_format: ImageFormat) -> None:
    """Raises OtherFormatError if an image does not fit."""
    channels = np.where(stored[:, 2] <= 2, 1, 3)
    wrong = channels != image_format.channels
    if not image_format.converted and wrong.any():
        at = int(np.argmax(wrong))
        raise OtherFormatError(
            InvalidInputError(
                f"`data.source` mixes channels: {encoded.name(int(rows[at]))} has {channels[at]}, the images "
                f"before it {image_format.channels}. Convert all images to grey or all to colour."
            ),
            colour=True,
        )
    if not image_format.resized and (wrong := (stored[:, :2] != image_format.size).any(axis=1)).any():
        at = int(np.argmax(wrong))
        size = image_format.size
        raise OtherFormatError(
            InvalidInputError(
                f"`data.image_size` is needed where sizes differ. {encoded.name(int(rows[at]))} has "
                f"{stored[at, 0]} x {stored[at, 1]} pixels, the images before it {size} x {size}. Set "
                f"data.image_size={size}, to which every image is then resized."
            ),
            colour=False,
        )
