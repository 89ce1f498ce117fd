"""Writes tf.Example records with an encoded image, its label, and its name if it has one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.config import RunConfig
from scalenet_tf.data import load_data
from scalenet_tf.data.encoded import as_bytes
from scalenet_tf.data.image_files import Files
from scalenet_tf.data.splits import Part, split_source
from scalenet_tf.utils.random_streams import RandomStream

# Names of the splits in TFX.
SPLITS = {"train": "train", "validation": "eval", "test": "test"}
_BATCH = 256


@dataclass(frozen=True)
class Image:
    """An encoded image with its label and its name, which may be ""."""

    encoded: bytes
    label: int
    name: str = ""

    def record(self) -> bytes:
        example = tf.train.Example()
        feature = example.features.feature
        feature["image"].bytes_list.value.append(self.encoded)
        feature["label"].int64_list.value.append(self.label)
        if self.name:
            feature["name"].bytes_list.value.append(as_bytes(self.name))
        return bytes(example.SerializeToString(deterministic=True))


@dataclass(frozen=True)
class SplitImages:
    """The encoded images of one split, and their number."""

    images: Iterator[Image]
    count: int


def read_source(config: RunConfig) -> tuple[tuple[str, ...], dict[str, SplitImages]]:
    """Reads a source: its class names, and its splits train, validation and test."""
    if config.data.source == "bundled":
        data = load_data(config.data, config.seed)
        return data.info.labels, {
            split: SplitImages(_encode(data.examples(split).ordered(_BATCH)), count)  # type: ignore[arg-type]
            for split, count in data.info.counts.items()
        }
    splits = split_source(config.data, config.seed)
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    return splits.labels, {
        name: SplitImages(_stored(part, splits.labels_of(part), config.seed), len(part.rows))
        for name, part in parts.items()
    }


def write_split(folder: Path, images: Iterable[Image], shards: int) -> tuple[int, str]:
    """Writes images to the compressed shards of a split in turn, and returns their number and digest."""
    folder.mkdir(parents=True, exist_ok=True)
    digest, count = hashlib.sha256(), 0
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                tf.io.TFRecordWriter(
                    str(folder / f"data_tfrecord-{shard:05}-of-{shards:05}.gz"), tf.io.TFRecordOptions("GZIP")
                )
            )
            for shard in range(shards)
        ]
        for count, image in enumerate(images, start=1):
            record = image.record()
            digest.update(record)
            writers[(count - 1) % shards].write(record)
    return count, digest.hexdigest()


def _encode(batches: tf.data.Dataset) -> Iterator[Image]:
    for images, labels in batches:
        for image, label in zip(images, labels.numpy(), strict=True):
            yield Image(tf.io.encode_png(image).numpy(), int(label))


def _stored(part: Part, labels: np.ndarray, seed: int) -> Iterator[Image]:
    """Images as they are stored, including corrupt ones, which ExampleValidator reports."""
    rows, encoded = part.rows, part.encoded
    if isinstance(encoded, Files):
        # Files of a folder are sorted by class; records keep their order.
        rows = np.random.default_rng([seed, RandomStream.RECORDS]).permutation(rows)

    def name(row: int) -> str:
        return "/".join(encoded.paths[row].split("/")[-2:]) if isinstance(encoded, Files) else ""

    readable = encoded.readable(rows)
    for row in np.setdiff1d(rows, readable):  # Pipes, links to nothing and others have no bytes to store.
        yield Image(b"", int(labels[row]), name(row))
    for row, image in encoded.ordered(readable).as_numpy_iterator():
        yield Image(image, int(labels[row]), name(row))
