"""Decodes every image once, to check their sizes, find corrupt ones, and keep the pixels if they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.image_header import within_limit
from scalenet_tf.data.pipeline_options import PARALLEL, untuned
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.progress import reported

_BATCH = 64
_WORTH_A_BAR = 5000  # images; fewer are read within a second


class SourceUnreadableError(InvalidInputError):
    """A file of the source cannot be read, whatever it contains."""


@dataclass(frozen=True)
class ImageFormat:
    """The format that all decoded images of a set share.

    Attributes:
      size: Side in pixels.
      channels: 1 or 3.
      image_size: Side to which images are resized. Default: they all have the side `size`.
      convert: Whether images of other channels are decoded to `channels`, as the source declares.
    """

    size: int
    channels: int
    image_size: int | None = None
    convert: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size, self.size, self.channels

    def decode(self, image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Decodes and resizes one image.

        Returns:
          uint8 [size, size, channels], black if the image does not fit the set, and its stored shape,
          int32 [3].
        """
        image = decode_image(image_bytes, self.channels if self.convert else 0)
        stored = tf.shape(image)
        fits = stored[2] == self.channels
        if self.image_size is None:
            fits &= tf.reduce_all(stored[:2] == self.size)
        image = tf.cond(fits, lambda: self._sized(image), lambda: tf.zeros(self.shape, tf.uint8))
        return tf.ensure_shape(image, self.shape), stored

    def _sized(self, image: tf.Tensor) -> tf.Tensor:
        if self.image_size is None:
            return image
        return tf.cast(tf.round(resize(image[None], self.image_size)[0]), tf.uint8)


def decode_image(image_bytes: tf.Tensor, channels: int = 0) -> tf.Tensor:
    """Decodes PNG, JPEG, BMP or the first frame of a GIF to uint8 [H, W, 1 or 3], without alpha.

    An image of more than `image_header.MAX_PIXELS` is an error like one that is damaged.

    Args:
      image_bytes: A scalar string.
      channels: 1 or 3, to which every image is converted; 0 for those that are stored.
    """
    image = tf.io.decode_image(within_limit(image_bytes), channels=channels, expand_animations=False)
    found = tf.shape(image)[2]
    return image[:, :, : found - tf.cast(found % 2 == 0, tf.int32)]


def find_format(
    encoded: Encoded, rows: np.ndarray, image_size: int | None, channels: int | None = None
) -> ImageFormat:
    """Determines the format of a set from its first image that can be decoded.

    Args:
      encoded: The encoded images.
      rows: Rows to look at.
      image_size: Side to which images are resized. Default: as stored.
      channels: Channels that the source declares for all its images. Default: as stored.

    Raises:
      ScaleNetError: If no image can be decoded, or it is not square and `image_size` is not given.
    """
    try:
        first = _first_shape(encoded, encoded.readable(rows))
    except SourceUnreadableError:
        left = _without_unreadable(encoded, rows)
        if not 0 < len(left) < len(rows):
            raise
        return find_format(encoded, left, image_size, channels)
    for row, shape in first:
        height, width, stored = map(int, shape)
        if image_size is None and height != width:
            raise InvalidInputError(
                f"`data.image_size` is needed where images are not square. {encoded.name(row)} has "
                f"{height} x "
                f"{width} pixels. Set data.image_size={min(height, width)}: every image is then resized "
                "to that "
                "square (squeezed, not cropped)."
            )
        return ImageFormat(image_size or height, channels or stored, image_size, channels is not None)
    raise InvalidInputError(
        f"`data.source`: none of its {len(rows)} images can be decoded; the first is "
        f"{encoded.name(int(rows[0]))}. Give PNG or JPEG images."
    )


def read_images(
    encoded: Encoded, rows: np.ndarray, image_format: ImageFormat, *, keep: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Decodes some images once.

    Args:
      encoded: The encoded images.
      rows: Rows to decode.
      image_format: Format that they must have.
      keep: Whether to return the pixels.

    Returns:
      The rows that could be decoded, and their images, uint8 [N, S, S, C], or None without `keep`.

    Raises:
      ScaleNetError: If an image has another size or number of channels, or a shard cannot be read.
    """
    rows = encoded.readable(rows)
    try:
        # Nearly always sufficient, and several times as fast as handling errors of each image.
        decoded = encoded.ordered(rows).map(
            lambda row, image_bytes: (row, image_format.decode(image_bytes)), num_parallel_calls=PARALLEL
        )
        good, images = _collect(encoded, decoded, len(rows), image_format, keep)
    except (tf.errors.InvalidArgumentError, SourceUnreadableError) as error:
        left = _without_unreadable(encoded, rows)
        if isinstance(error, SourceUnreadableError) and len(left) == len(rows):
            raise
        decoded = _without_corrupt(encoded.ordered(left), image_format.decode)
        good, images = _collect(encoded, decoded, len(rows), image_format, keep)
    return good, images if keep else None


def _first_shape(encoded: Encoded, rows: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Row and shape of the first image that can be decoded; an empty list if there is none."""
    shapes = _without_corrupt(encoded.ordered(rows), lambda image_bytes: tf.shape(decode_image(image_bytes)))
    return list(_iterate(shapes.take(1)))


def _without_unreadable(encoded: Encoded, rows: np.ndarray) -> np.ndarray:
    return rows[~np.isin(rows, np.fromiter(encoded.unreadable(rows), np.int64))]


def _collect(
    encoded: Encoded, decoded: tf.data.Dataset, total: int, image_format: ImageFormat, keep: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Collects the rows that were decoded and, with `keep`, their images."""
    images = np.empty((total if keep else 0, *image_format.shape), np.uint8)
    good = np.empty(total, np.int64)
    count = 0
    batches: Iterable[Any] = _iterate(decoded.batch(_BATCH).prefetch(2))
    if total >= _WORTH_A_BAR:
        batches = reported(batches, "reading images", -(-total // _BATCH))
    for batch_rows, (batch_images, shapes) in batches:
        _check(encoded, batch_rows, shapes, image_format)
        end = count + len(batch_rows)
        good[count:end] = batch_rows
        if keep:
            images[count:end] = batch_images
        count = end
    return good[:count], images[:count]


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


def _check(encoded: Encoded, rows: np.ndarray, shapes: np.ndarray, image_format: ImageFormat) -> None:
    wrong = shapes[:, 2] != image_format.channels
    if wrong.any():
        at = int(np.argmax(wrong))
        raise InvalidInputError(
            f"`data.source` mixes channels: {encoded.name(int(rows[at]))} has {shapes[at, 2]}, the "
            "images before "
            f"it {image_format.channels}. Convert all images to grey or all to colour."
        )
    if image_format.image_size is None and (wrong := (shapes[:, :2] != image_format.size).any(axis=1)).any():
        at = int(np.argmax(wrong))
        raise InvalidInputError(
            f"`data.image_size` is needed where sizes differ. {encoded.name(int(rows[at]))} has "
            f"{shapes[at, 0]} "
            f"x {shapes[at, 1]} pixels, the images before it {image_format.size} x {image_format.size}. Set "
            f"data.image_size={image_format.size}, to which every image is then resized."
        )
