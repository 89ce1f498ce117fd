"""Makes examples from encoded images: in memory if they fit, otherwise streamed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalenet_tf.data.decode import ImageFormat, read_images
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.streaming import StreamedExamples


@dataclass(frozen=True)
class Reader:
    """Reads the images of one set.

    Attributes:
      image_format: Format of the decoded images.
      in_memory: Whether decoded images are kept in memory.
      skip_corrupt: Whether to leave out images that cannot be decoded.
      buffer: Number of encoded records that are shuffled together when streaming.
    """

    image_format: ImageFormat
    in_memory: bool
    skip_corrupt: bool
    buffer: int

    @classmethod
    def within(cls, gigabytes: float, image_format: ImageFormat, images: int, skip_corrupt: bool) -> Reader:
        """Keeps `images` in memory if their pixels fit; otherwise a quarter of the limit is for shuffling."""
        bytes_of_image = int(np.prod(image_format.shape))
        budget = int(gigabytes * 2**30)
        return cls(
            image_format,
            images * bytes_of_image <= budget,
            skip_corrupt,
            max(1024, budget // 4 // bytes_of_image),
        )

    def read(self, encoded: Encoded, labels: np.ndarray, parts: list[np.ndarray]) -> list[Examples]:
        """Decodes the rows of all `parts` once, and makes examples of each part without corrupt images."""
        good, images = read_images(
            encoded,
            np.concatenate(parts),
            self.image_format,
            skip_corrupt=self.skip_corrupt,
            keep=self.in_memory,
        )
        parts = [rows[np.isin(rows, good)] for rows in parts]
        if images is None:
            return [StreamedExamples(encoded, self.image_format, labels, rows, self.buffer) for rows in parts]
        held = ArrayExamples.of(images, labels[good])
        position = np.empty(len(labels), np.int64)
        position[good] = np.arange(len(good))
        return [replace(held, rows=position[rows]) for rows in parts]
