"""Writing labelled images as shards of tf.Example records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.data.encoded import as_bytes

PLAIN = ".tfrecord"  # suffix of shards that are not compressed


@dataclass(frozen=True)
class EncodedImage:
    """An encoded image with its label.

    Attributes:
      encoded: Bytes of an image file.
      label: Class, from 0; for the task multi_label the classes, in order.
      name: Name in messages; may be "".
    """

    encoded: bytes
    label: int | tuple[int, ...]
    name: str = ""

    @property
    def labels(self) -> tuple[int, ...]:
        """The classes of the image."""
        return self.label if isinstance(self.label, tuple) else (self.label,)

    def record(self) -> bytes:
        """Returns the serialised tf.Example."""
        example = tf.train.Example()
        feature = example.features.feature
        feature["image"].bytes_list.value.append(self.encoded)
        feature["label"].int64_list.value.extend(self.labels)
        if self.name:
            feature["name"].bytes_list.value.append(as_bytes(self.name))
        return bytes(example.SerializeToString(deterministic=True))


def label_of(label: np.ndarray) -> int | tuple[int, ...]:
    """Returns the label of an image as records hold it, of its class or of its multi-hot label [classes]."""
    return tuple(np.flatnonzero(label).tolist()) if label.ndim else int(label)


@dataclass(frozen=True)
class WrittenSplit:
    """Summary of a split that was written.

    Attributes:
      count: Number of images.
      labels: The labels that occur.
    """

    count: int
    labels: frozenset[int]


def shard_file(folder: Path, shard: int, shards: int, suffix: str = PLAIN) -> Path:
    """Returns the path of a shard of a split."""
    return folder / f"data_tfrecord-{shard:05}-of-{shards:05}{suffix}"


def write_split(
    folder: Path,
    images: Iterable[EncodedImage],
    shards: int,
    digest: Callable[[bytes], object],
    *,
    compressed: bool = True,
) -> WrittenSplit:
    """Writes images to the shards of a split in turn.

    Args:
      folder: Folder of the split, such as Split-train; made if needed.
      images: The images.
      shards: Number of files.
      digest: Called with each serialised record, in order.
      compressed: Whether to compress the files with GZIP, as TFX does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels, count = set[int](), 0
    suffix, options = (".gz", tf.io.TFRecordOptions("GZIP")) if compressed else (PLAIN, None)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(tf.io.TFRecordWriter(str(shard_file(folder, shard, shards, suffix)), options))
            for shard in range(shards)
        ]
        for image in images:
            record = image.record()
            labels.update(image.labels)
            digest(record)
            writers[count % shards].write(record)
            count += 1
    return WrittenSplit(count, frozenset(labels))
