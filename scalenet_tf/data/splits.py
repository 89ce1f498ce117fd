"""Splits encoded images into train, validation and test before any of them is decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.config.source import parse_source
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.order import stratified_split
from scalenet_tf.data.sources.folder import open_folder
from scalenet_tf.data.sources.source import Source, check_labels
from scalenet_tf.data.sources.tfrecord import open_tfrecord
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.random_streams import RandomStream


@dataclass(frozen=True)
class Part:
    """Some rows of encoded images."""

    encoded: Encoded
    rows: np.ndarray


@dataclass(frozen=True)
class Splits:
    """Three disjoint parts of a source, and the names of its classes."""

    labels: tuple[str, ...]
    train: Part
    validation: Part
    test: Part

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def count(self) -> int:
        """Number of images in all three parts."""
        return sum(len(part.rows) for part in self.parts.values())

    def labels_of(self, part: Part) -> np.ndarray:
        """Checked labels of all images that a part is taken from, int64 [N]."""
        return check_labels(part.encoded, self.labels)


def open_source(config: DataConfig) -> Source:
    """Opens any source except the bundled one, which is not stored encoded."""
    kind, location = parse_source(config.source)
    if kind == "folder":
        return open_folder(location)
    if kind == "tfrecord":
        return open_tfrecord(location)
    from scalenet_tf.data.sources.tfds import open_tfds  # seconds to import

    return open_tfds(location, config.data_dir)


def split_source(config: DataConfig, seed: int) -> Splits:
    """Splits a source; a split that it lacks is a seeded, stratified part of train.

    Raises:
      ScaleNetError: If labels are out of range or of one class only, or a class is too small to split.
    """
    source = open_source(config)
    labels = check_labels(source.train, source.labels)
    if len(np.unique(labels)) < 2:
        raise InvalidInputError(
            f"`data.source` must have images of at least two classes. Received: {config.source!r}, where "
            f"every image is {source.labels[int(labels[0])]!r}"
        )
    train = np.arange(len(labels))
    if source.test is None:
        train, rows = stratified_split(labels, config.test_fraction, seed, RandomStream.TEST_SPLIT)
        test = Part(source.train, rows)
    else:
        test = _whole(source.test)
    if source.validation is not None:
        validation = _whole(source.validation)
    else:
        rest, rows = stratified_split(
            labels[train], config.validation_fraction, seed, RandomStream.VALIDATION_SPLIT
        )
        train, validation = train[rest], Part(source.train, train[rows])
    train = _some(train, labels, config.train_images, seed)
    return Splits(source.labels, Part(source.train, train), validation, test)


def _some(rows: np.ndarray, labels: np.ndarray, count: int | None, seed: int) -> np.ndarray:
    """About `count` of the rows, stratified by class; all of them if `count` is None."""
    if count is None or count >= len(rows):
        return rows
    _, some = stratified_split(labels[rows], count / len(rows), seed, RandomStream.TRAIN_PART)
    return rows[some]


def _whole(encoded: Encoded) -> Part:
    return Part(encoded, np.arange(len(encoded.labels)))
