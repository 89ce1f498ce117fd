"""Examples of one split in memory; `streaming` has the same interface for larger sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import tensorflow as tf

from scalenet_tf.data.order import Share, epoch_rows
from scalenet_tf.data.pipeline_options import PARALLEL

_CHUNK = 1024


class Examples(Protocol):
    """Labelled images of one split: uint8 [B, S, S, C] with int32 [B], or multi-hot int8 [B, classes]."""

    @property
    def count(self) -> int:
        """Number of examples."""

    @property
    def in_source_order(self) -> bool:
        """Whether the examples are in the order of their source."""

    def steps(self, share: Share) -> int:
        """Number of whole batches in an epoch."""

    def shuffled(self, epochs: tf.data.Dataset, seed: int, share: Share) -> tf.data.Dataset:
        """Batches of one share of each epoch; `epochs` has pairs (epoch, number of elements to skip)."""

    def ordered(self, batch_size: int, positions: np.ndarray | None = None) -> tf.data.Dataset:
        """All examples, or those at some positions, in fixed order; the last batch may be smaller."""

    def order(self) -> np.ndarray:
        """Positions of the examples in the order of `ordered`, int [count]."""

    def take(self, positions: np.ndarray) -> np.ndarray:
        """Images at some positions of this split, in their order, [len(positions), S, S, C]."""

    def fingerprint(self, own: bool = False) -> Iterator[bytes]:
        """Content of the examples, for a digest.

        Examples on disk are identified by the names and sizes of all files of their source, or only of their
        `own` files.
        """

    def class_ids(self) -> np.ndarray:
        """Labels of this split by position in it, int [count] or multi-hot [count, classes]."""

    def numbered(self) -> Examples:
        """The same examples with their position in this split in place of the label."""


@dataclass(frozen=True)
class ArrayExamples:
    """Decoded images in memory; the splits of one set share its arrays."""

    images: tf.Tensor
    labels: tf.Tensor
    rows: np.ndarray

    @classmethod
    def of(cls, images: np.ndarray, labels: np.ndarray) -> ArrayExamples:
        """Makes examples of all images uint8 [N, S, S, C] and their labels, int [N] or multi-hot."""
        with tf.device("/cpu:0"):
            return cls(tf.constant(images), stored_labels(labels), np.arange(len(labels)))

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def in_source_order(self) -> bool:
        return is_ascending(self.rows)

    def steps(self, share: Share) -> int:
        return self.count // share.batch_size

    def shuffled(self, epochs: tf.data.Dataset, seed: int, share: Share) -> tf.data.Dataset:
        rows = per_epoch(epochs, lambda epoch: epoch_rows(self.rows, seed, epoch, share))
        return rows.map(self._gather, num_parallel_calls=PARALLEL)

    def ordered(self, batch_size: int, positions: np.ndarray | None = None) -> tf.data.Dataset:
        chosen = self.rows if positions is None else self.rows[positions]
        rows = tf.data.Dataset.from_tensor_slices(chosen).batch(batch_size)
        return rows.map(self._gather, num_parallel_calls=PARALLEL)

    def order(self) -> np.ndarray:
        return np.arange(self.count)

    def take(self, positions: np.ndarray) -> np.ndarray:
        return tf.gather(self.images, self.rows[positions]).numpy()

    def fingerprint(self, own: bool = False) -> Iterator[bytes]:
        for begin in range(0, self.count, _CHUNK):
            images, labels = self._gather(self.rows[begin : begin + _CHUNK])
            yield images.numpy().tobytes()
            yield labels.numpy().astype("<i4").tobytes()

    def class_ids(self) -> np.ndarray:
        return tf.gather(self.labels, self.rows).numpy()

    def numbered(self) -> ArrayExamples:
        positions = positions_of(self.rows, len(self.labels))
        with tf.device("/cpu:0"):
            return replace(self, labels=tf.constant(positions))

    def _gather(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.gather(self.images, rows), tf.gather(self.labels, rows)


def stored_labels(labels: np.ndarray) -> tf.Tensor:
    """Returns labels as batches hold them: classes in int32, multi-hot ones in int8."""
    return tf.constant(labels, tf.int32 if labels.ndim == 1 else tf.int8)


def is_ascending(rows: np.ndarray) -> bool:
    """Whether each row is larger than the one before it, as those of a random split are not."""
    return bool((np.diff(rows) > 0).all())


def positions_of(rows: np.ndarray, count: int) -> np.ndarray:
    """Inverse of `rows`: the position in the split of each of `count` rows, int32; -1 for other rows."""
    positions = np.full(count, -1, np.int32)
    positions[rows] = np.arange(len(rows))
    return positions


def per_epoch(epochs: tf.data.Dataset, order: Callable[[int], np.ndarray]) -> tf.data.Dataset:
    """Chains the rows `order(epoch)` of each epoch, without the first elements that `epochs` skips.

    The order of an epoch is made when the epoch begins, so resuming at any step costs one shuffle.
    """

    def elements(epoch: tf.Tensor, skip: tf.Tensor) -> tf.data.Dataset:
        rows = tf.numpy_function(order, [epoch], tf.int64, stateful=False)
        return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(rows, [None, None])[skip:])

    return epochs.flat_map(elements)
