"""Images as a source stores them, encoded: as records in shards, or as single files (`image_files`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import tensorflow as tf

from scalenet_tf.data.compression import check_compression, compression
from scalenet_tf.data.multi_hot import multi_hot
from scalenet_tf.data.order import Share
from scalenet_tf.data.pipeline_options import PARALLEL
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.utils.random_streams import RandomStream

_LABELS = 32  # are read at a time, with their records, which may have many megabytes each


class Encoded(Protocol):
    """Labelled encoded images in fixed order, whose numbers are called rows."""

    @property
    def labels(self) -> np.ndarray:
        """Labels, int64 [N], or multi-hot int8 [N, classes]."""

    @property
    def record_bytes(self) -> int:
        """Mean size of the records that `shuffled` buffers; 0 if it buffers none."""

    def name(self, row: int) -> str:
        """Name of an image in messages."""

    def readable(self, rows: np.ndarray) -> np.ndarray:
        """Those of `rows` that are in a file that can be read."""

    def content(self, row: int) -> tf.Tensor:
        """Bytes of one image, a scalar string."""

    def unreadable(self, rows: np.ndarray) -> dict[int, str]:
        """For those of `rows` whose file cannot be read now, the reason."""

    def check_files(self) -> None:
        """Raises ScaleNetError if a file of several images is damaged; the text names it."""

    def fingerprint(self, rows: np.ndarray | None = None) -> Iterator[str]:
        """Name and size of each file, or of the files that `rows` are in."""

    def stamps(self) -> Iterator[str]:
        """Name, size and time of the last change of each file."""

    def ordered(self, rows: np.ndarray) -> tf.data.Dataset:
        """Pairs (row, bytes) of `rows`, each once; records come in the order of their files."""

    def order(self, rows: np.ndarray) -> np.ndarray:
        """Indices of `rows` in the order in which `ordered` yields them."""

    def steps(self, rows: np.ndarray, share: Share) -> int:
        """Number of whole batches in an epoch of `rows`."""

    def shuffled(
        self, rows: np.ndarray, epochs: tf.data.Dataset, seed: int, share: Share, buffer: int
    ) -> tf.data.Dataset:
        """Pairs (row, bytes) of one share of each epoch.

        Args:
          rows: Rows to shuffle.
          epochs: Pairs (epoch, number of elements to skip).
          seed: Seed of the shuffle.
          share: The share of each batch.
          buffer: Number of records that are shuffled together, if they cannot be read in any order.
        """


@dataclass(frozen=True)
class Records:
    """TFRecord shards of tf.Example records with an encoded image and a label.

    Attributes:
      shards: Path of each shard.
      image_key: Name of the feature with the image.
      label_key: Name of the feature with the label.
      several: Number of classes if a label is a list of any number of them, otherwise None.
    """

    shards: tuple[str, ...]
    image_key: str = "image"
    label_key: str = "label"
    several: int | None = None

    @cached_property
    def _labels_of_shards(self) -> list[np.ndarray]:
        """Labels of each shard, from one pass that decodes no image."""
        return [self._read_labels(shard) for shard in self.shards]

    @property
    def labels(self) -> np.ndarray:
        return np.concatenate(self._labels_of_shards)

    @cached_property
    def record_bytes(self) -> int:
        length = sum(tf.io.gfile.stat(shard).length for shard in self.shards)
        return int(length) // max(1, int(self._begins[-1]))

    @cached_property
    def _begins(self) -> np.ndarray:
        """First row of each shard, and the number of all rows."""
        return np.cumsum([0, *map(len, self._labels_of_shards)])

    def name(self, row: int) -> str:
        shard = self._shard_of(row)
        return f"record {row - self._begins[shard]} of {self.shards[shard]!r}"

    def content(self, row: int) -> tf.Tensor:
        records = self._read(tf.constant(self._shard_of(row)), np.array([row]))
        ((_, image_bytes),) = self._parse(records).take(1)
        return image_bytes

    def _shard_of(self, row: int) -> int:
        return int(np.searchsorted(self._begins, row, side="right")) - 1

    def readable(self, rows: np.ndarray) -> np.ndarray:
        return rows

    def unreadable(self, rows: np.ndarray) -> dict[int, str]:
        for shard in self.shards:  # Not left out: one shard may hold a large part of the images.
            if not tf.io.gfile.exists(shard):
                raise InvalidInputError(f"`data.source` cannot be read: {shard!r}: No such file")
        return {}

    def check_files(self) -> None:
        self.unreadable(np.arange(0))
        for shard in self.shards:
            self._read_labels(shard)

    def fingerprint(self, rows: np.ndarray | None = None) -> Iterator[str]:
        for shard in self.shards:
            yield f"{shard.split('/')[-1]} {tf.io.gfile.stat(shard).length}"

    def stamps(self) -> Iterator[str]:
        for shard in self.shards:
            found = tf.io.gfile.stat(shard)
            yield f"{shard.split('/')[-1]} {found.length} {found.mtime_nsec}"

    def ordered(self, rows: np.ndarray) -> tf.data.Dataset:
        shards = tf.data.Dataset.from_tensor_slices(np.flatnonzero(self._wanted(rows)[1]))
        return self._parse(shards.flat_map(lambda shard: self._read(shard, rows)))

    def order(self, rows: np.ndarray) -> np.ndarray:
        return np.argsort(rows)

    def steps(self, rows: np.ndarray, share: Share) -> int:
        if len(self.shards) < share.pipelines:
            raise InvalidInputError(
                f"`data.source`: {share.pipelines} workers need at least as many shards, to read one each. "
                f"Received: {len(self.shards)}, {self.shards[0]!r} the first. Write the images in more files."
            )
        _, of_shard = self._wanted(rows)
        # Every worker must end an epoch at the same step, which the one with the fewest images determines.
        fewest = min(int(of_shard[p :: share.pipelines].sum()) for p in range(share.pipelines))
        if fewest < share.local and share.pipelines > 1:
            raise InvalidInputError(
                f"`batch_size` must be at most {share.pipelines * fewest}: the shards that one of the "
                f"{share.pipelines} workers reads hold only {fewest} images. Received: {share.batch_size}. "
                "Use smaller batches, or write the records in shards of about equal size."
            )
        return fewest // share.local

    def shuffled(
        self, rows: np.ndarray, epochs: tf.data.Dataset, seed: int, share: Share, buffer: int
    ) -> tf.data.Dataset:
        """Reads shards in shuffled order, four in parallel, through a buffer of `buffer` records."""
        mine = np.arange(len(self.shards))[share.pipeline :: share.pipelines]
        images = self.steps(rows, share) * share.local

        def shards_and_seed(epoch: int) -> tuple[np.ndarray, np.ndarray]:
            rng = np.random.default_rng([seed, RandomStream.ORDER, epoch, share.pipeline])
            return rng.permutation(mine), rng.integers(np.iinfo(np.int64).max, size=1)

        def elements(epoch: tf.Tensor, skip: tf.Tensor) -> tf.data.Dataset:
            order, shuffle_seed = tf.numpy_function(
                shards_and_seed, [epoch], [tf.int64, tf.int64], stateful=False
            )
            order, shuffle_seed = tf.ensure_shape(order, [None]), tf.ensure_shape(shuffle_seed, [1])
            # Of this function's graph alone: the order does not depend on the seed of the whole program, and
            # where that is 0, TensorFlow refuses a seed that is a tensor.
            tf.compat.v1.get_default_graph().seed = None
            records = tf.data.Dataset.from_tensor_slices(order).interleave(
                lambda shard: self._read(shard, rows), cycle_length=4, num_parallel_calls=PARALLEL
            )
            records = records.shuffle(buffer, seed=shuffle_seed[0], reshuffle_each_iteration=False)
            return records.take(images).skip(skip * share.part)

        return self._parse(epochs.flat_map(elements))

    def _read(self, shard: tf.Tensor, rows: np.ndarray) -> tf.data.Dataset:
        """Pairs (row, record) of those `rows` that are in one shard, which is read up to the last of them."""
        kept, counts = map(tf.constant, self._wanted(rows))
        numbered = tf.data.TFRecordDataset(
            tf.constant(self.shards)[shard], compression(self.shards[0]), buffer_size=1 << 20
        ).enumerate(start=tf.constant(self._begins)[shard])
        return numbered.filter(lambda row, record: kept[row]).take(counts[shard])

    def _parse(self, records: tf.data.Dataset) -> tf.data.Dataset:
        feature = {self.image_key: tf.io.FixedLenFeature([], tf.string)}
        return records.map(
            lambda row, record: (row, tf.io.parse_single_example(record, feature)[self.image_key]),
            num_parallel_calls=PARALLEL,
        )

    def _wanted(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether each row is among `rows`, and the number of these in each shard."""
        kept = np.zeros(self._begins[-1], bool)
        kept[rows] = True
        return kept, np.diff(np.cumsum(np.append(False, kept))[self._begins])

    def _read_labels(self, shard: str) -> np.ndarray:
        features = {
            self.image_key: tf.io.FixedLenFeature([], tf.string),
            self.label_key: tf.io.FixedLenFeature([], tf.int64)
            if self.several is None
            else tf.io.RaggedFeature(tf.int64, row_splits_dtype=tf.int64),
        }
        records = tf.data.TFRecordDataset(shard, compression(shard)).batch(_LABELS)
        labels = records.map(lambda batch: tf.io.parse_example(batch, features)[self.label_key])
        try:
            if self.several is None:
                return np.concatenate([np.zeros(0, np.int64), *labels.as_numpy_iterator()])
            found = [row for batch in labels for row in batch.numpy()]
            return multi_hot(found, self.several, lambda row: f"record {row} of {shard!r}")
        except tf.errors.DataLossError as error:
            check_compression(shard)
            raise DamagedFileError(
                f"`data.source`: {shard!r} is not a whole TFRecord file: {error.message}"
            ) from error
        except tf.errors.InvalidArgumentError as error:
            several = "" if self.several is None else ", any number of them"
            hint = "" if several else ". For several labels in a record, set task=multi_label."
            raise InvalidInputError(
                f"`data.source`: records must be tf.Example with the features {self.image_key!r} (an encoded "
                f"image, bytes) and {self.label_key!r} (int64{several}). {shard!r} has a record that is "
                f"not: {error.message}{hint}"
            ) from error


def as_bytes(text: str) -> bytes:
    """Encodes a path; bytes of a name that are not UTF-8 come back as they were, see `os.fsdecode`."""
    return text.encode("utf-8", "surrogateescape")
