"""The encoded images of any data source, split by split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import tensorflow as tf

from components.example_gen.conversion import with_channels
from scalenet_tf.config import RunConfig
from scalenet_tf.data import load_data
from scalenet_tf.data.find_format import WantedFormat, decoder_of
from scalenet_tf.data.image_files import Files
from scalenet_tf.data.records import EncodedImage, label_of
from scalenet_tf.data.splits import Part, split_source
from scalenet_tf.utils.random_streams import RandomStream

# Names of the splits in TFX.
SPLITS = {"train": "train", "validation": "eval", "test": "test"}
_BATCH = 256


@dataclass(frozen=True)
class SplitImages:
    """The encoded images of one split, and their number."""

    images: Iterator[EncodedImage]
    count: int


def read_source(config: RunConfig) -> tuple[tuple[str, ...], dict[str, SplitImages]]:
    """Reads a source: its class names, and its splits train, validation and test."""
    if config.data.source == "bundled":
        data = load_data(config.data, config.seed, config.task)
        return data.info.labels, {
            split: SplitImages(_encode(data.examples(split).ordered(_BATCH)), count)  # type: ignore[arg-type]
            for split, count in data.info.counts.items()
        }
    splits = split_source(config.data, config.seed, config.task)
    convert = partial(
        with_channels,
        channels=WantedFormat(config.data, splits.channels).channels,
        decoder=decoder_of(config.data),
    )
    return splits.labels, {
        name: SplitImages(_stored(part, splits.labels_of(part), config.seed, convert), len(part.rows))
        for name, part in splits.parts.items()
    }


def _encode(batches: tf.data.Dataset) -> Iterator[EncodedImage]:
    for images, labels in batches:
        for image, label in zip(images, labels.numpy(), strict=True):
            yield EncodedImage(tf.io.encode_png(image).numpy(), int(label))


def _stored(
    part: Part, labels: np.ndarray, seed: int, convert: Callable[[bytes], bytes]
) -> Iterator[EncodedImage]:
    """Images as they are stored, including corrupt ones, which ExampleValidator reports.

    Those of other channels than the source declares, or the configuration asks for, are converted.
    """
    rows, encoded = part.rows, part.encoded
    if isinstance(encoded, Files):
        # Files of a folder are sorted by class; records keep their order.
        rows = np.random.default_rng([seed, RandomStream.RECORDS]).permutation(rows)

    def name(row: int) -> str:
        return "/".join(encoded.paths[row].split("/")[-2:]) if isinstance(encoded, Files) else ""

    readable = encoded.readable(rows)
    for row in np.setdiff1d(rows, readable):  # Pipes, links to nothing and others have no bytes to store.
        yield EncodedImage(b"", label_of(labels[row]), name(row))
    for row, image in encoded.ordered(readable).as_numpy_iterator():
        yield EncodedImage(convert(image), label_of(labels[row]), name(row))
