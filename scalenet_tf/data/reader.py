"""From encoded images to examples: in memory where they fit, else streamed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scalenet_tf.data.decode import Format, read_images
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.streaming import StreamedExamples


@dataclass(frozen=True)
class Reader:
    """How one set is read.

    `buffer` is how many encoded records are shuffled together when streaming.
    """

    form: Format
    in_memory: bool
    skip_corrupt: bool
    buffer: int

    @classmethod
    def within(cls, gigabytes: float, form: Format, images: int, skip_corrupt: bool) -> Reader:
        """Holds `images` in memory if their pixels fit; a quarter of that is the shuffle's, otherwise."""
        bytes_of_image = int(np.prod(form.shape))
        budget = int(gigabytes * 2**30)
        return cls(
            form, images * bytes_of_image <= budget, skip_corrupt, max(1024, budget // 4 // bytes_of_image)
        )

    def read(self, encoded: Encoded, labels: np.ndarray, parts: list[np.ndarray]) -> list[Examples]:
        """Decodes the rows of all `parts` once and makes examples of each part's decodable ones."""
        good, images = read_images(
            encoded, np.concatenate(parts), self.form, skip_corrupt=self.skip_corrupt, keep=self.in_memory
        )
        parts = [rows[np.isin(rows, good)] for rows in parts]
        if images is None:
            return [StreamedExamples(encoded, self.form, labels, rows, self.buffer) for rows in parts]
        held = ArrayExamples.of(images, labels[good])
        position = np.empty(len(labels), np.int64)
        position[good] = np.arange(len(good))
        return [replace(held, rows=position[rows]) for rows in parts]
