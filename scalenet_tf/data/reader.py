"""Makes examples from encoded images: in memory if they fit, otherwise streamed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalenet_tf.data.decode import read_images
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.streaming import StreamedExamples

# So many records are shuffled whatever the limit is, unless they are larger together.
_RECORDS, _BYTES = 1024, 2**28


@dataclass(frozen=True)
class Reading:
    """Examples of one part of a set.

    Attributes:
      examples: The examples, without corrupt images.
      corrupt: Rows that cannot be decoded, in order.
      stored: Sizes and channels of its files, see `DecodedImages`; None if none was decoded.
    """

    examples: Examples
    corrupt: np.ndarray
    stored: np.ndarray | None = None


@dataclass(frozen=True)
class Reader:
    """Reads the images of one set.

    Attributes:
      image_format: Format of the decoded images.
      in_memory: Whether decoded images are kept in memory.
      shuffled_bytes: Size of the records that are shuffled together when streaming.
    """

    image_format: ImageFormat
    in_memory: bool
    shuffled_bytes: int

    @classmethod
    def within(cls, gigabytes: float, image_format: ImageFormat, images: int) -> Reader:
        """Keeps `images` in memory if their pixels fit; otherwise a quarter of the limit is for shuffling."""
        bytes_of_image = int(np.prod(image_format.shape))
        budget = int(gigabytes * 2**30)
        return cls(image_format, images * bytes_of_image <= budget, budget // 4)

    def buffer(self, encoded: Encoded) -> int:
        """Number of encoded records that are shuffled together when streaming.

        It is a part of the order of images. Where records are smaller than decoded images, as they usually
        are, it is the same as in earlier versions, which took that size for theirs.
        """
        decoded, size = int(np.prod(self.image_format.shape)), encoded.record_bytes
        if size <= decoded:
            return max(_RECORDS, self.shuffled_bytes // decoded)
        fitting = self.shuffled_bytes // size
        return fitting if fitting >= _RECORDS else max(1, fitting, min(_RECORDS, _BYTES // size))

    def read(
        self, encoded: Encoded, labels: np.ndarray, parts: list[np.ndarray], corrupt: np.ndarray | None = None
    ) -> list[Reading]:
        """Decodes the rows of all `parts` once, and makes examples of each part without corrupt images.

        Args:
          encoded: The encoded images.
          labels: Labels of all of them, int64 [N] or multi-hot [N, classes].
          parts: Rows of each part.
          corrupt: Rows that are known not to be decodable, if all have been decoded before. Then images are
            decoded only to keep them.
        """
        rows = np.concatenate(parts)
        good = rows if corrupt is None else rows[~np.isin(rows, corrupt)]
        images = stored = None
        if corrupt is None or self.in_memory:
            decoded = read_images(encoded, good, self.image_format, keep=self.in_memory)
            good, images, stored = decoded.rows, decoded.images, decoded.stored
        kept = [rows[np.isin(rows, good)] for rows in parts]
        lost = [np.setdiff1d(rows, good) for rows in parts]
        if images is None:
            buffer = self.buffer(encoded)
            found: list[Examples] = [
                StreamedExamples(encoded, self.image_format, labels, rows, buffer) for rows in kept
            ]
        else:
            held = ArrayExamples.of(images, labels[good])
            position = np.empty(len(labels), np.int64)
            position[good] = np.arange(len(good))
            found = [replace(held, rows=position[rows]) for rows in kept]
        held_by = [None if stored is None else stored[np.isin(good, rows)] for rows in parts]
        return [Reading(*found) for found in zip(found, lost, held_by, strict=True)]

    def find_corrupt(self, encoded: Encoded, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Decodes some rows and keeps none.

        Returns:
          Rows that cannot be decoded, in order; and what the files of the others hold, see `DecodedImages`.
        """
        decoded = read_images(encoded, rows, self.image_format, keep=False)
        return np.setdiff1d(rows, decoded.rows), decoded.stored
