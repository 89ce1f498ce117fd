"""Examples of one split that do not fit in memory: read and decoded again in each epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from scalenet_tf.data.encoded import Encoded, as_bytes
from scalenet_tf.data.examples import is_ascending, positions_of, stored_labels
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.order import Share
from scalenet_tf.data.pipeline_options import PARALLEL


@dataclass(frozen=True)
class StreamedExamples:
    """Images of a source that are decoded when they are needed, with the interface of `Examples`.

    Attributes:
      encoded: The encoded images.
      image_format: Format of the decoded images.
      labels: Labels of all encoded images, int64 [N] or multi-hot [N, classes].
      rows: Rows of this split.
      buffer: Number of records that are shuffled together, if they cannot be read in any order.
    """

    encoded: Encoded
    image_format: ImageFormat
    labels: np.ndarray
    rows: np.ndarray
    buffer: int

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def in_source_order(self) -> bool:
        return is_ascending(self.rows)

    def steps(self, share: Share) -> int:
        return self.encoded.steps(self.rows, share)

    def shuffled(self, epochs: tf.data.Dataset, seed: int, share: Share) -> tf.data.Dataset:
        pairs = self.encoded.shuffled(self.rows, epochs, seed, share, self.buffer)
        return self._decode(pairs).batch(share.part, drop_remainder=True)

    def ordered(self, batch_size: int, positions: np.ndarray | None = None) -> tf.data.Dataset:
        rows = self.rows if positions is None else self.rows[positions]
        return self._decode(self.encoded.ordered(rows)).batch(batch_size)

    def order(self) -> np.ndarray:
        return self.encoded.order(self.rows)

    def take(self, positions: np.ndarray) -> np.ndarray:
        rows = self.rows[positions]
        read = self._decode(self.encoded.ordered(rows))
        images = np.stack([image for image, _ in read.as_numpy_iterator()])
        return images[np.argsort(self.encoded.order(rows))]

    def fingerprint(self, own: bool = False) -> Iterator[bytes]:
        for line in self.encoded.fingerprint(self.rows if own else None):
            yield as_bytes(line)
        yield self.rows.astype("<i8").tobytes()
        yield self.labels[self.rows].astype("<i4").tobytes()

    def class_ids(self) -> np.ndarray:
        return self.labels[self.rows]

    def numbered(self) -> StreamedExamples:
        return replace(self, labels=positions_of(self.rows, len(self.labels)))

    def _decode(self, pairs: tf.data.Dataset) -> tf.data.Dataset:
        labels = stored_labels(self.labels)
        return pairs.map(
            lambda row, image_bytes: (self.image_format.decode(image_bytes)[0], labels[row]),
            num_parallel_calls=PARALLEL,
        )
