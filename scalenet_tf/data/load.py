"""Loading a data set from where its configuration says."""

from __future__ import annotations

import hashlib

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.decode import find_format
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.info import Info
from scalenet_tf.data.order import stratified_split
from scalenet_tf.data.reader import Reader
from scalenet_tf.data.sources import bundled
from scalenet_tf.data.sources.folder import open_folder
from scalenet_tf.data.sources.source import Source, check_labels
from scalenet_tf.data.sources.tfrecord import open_tfrecord
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.places import parse_source
from scalenet_tf.purpose import Purpose


def load_data(config: DataConfig, seed: int) -> DataSet:
    """Loads a data set as three disjoint splits.

    Validation is a seeded, stratified part of train. Test is the set's own test or validation split,
    else a seeded, stratified part; its images are read when they are first asked for. Decoded images
    are held in memory where they fit `config.cache_gigabytes`, and streamed from disk otherwise.

    Args:
      config: Source, sizes and fractions.
      seed: Decides the splits.

    Returns:
      The data set; its `info` is known before the first batch.

    Raises:
      ScaleNetError: for an unknown source, one class, no images, images that cannot be decoded or
        differ in size or channels, or labels out of range.

    Example:
      >>> load_data(DataConfig(source="bundled"), seed=0).info.counts["train"]
      8000
    """
    if config.source == "bundled":
        return bundled.load(config)
    source = _open(config)
    labels = check_labels(source.train, source.labels)
    if len(np.unique(labels)) < 2:
        raise ScaleNetError(
            f"`data.source` must have images of at least two classes. Received: {config.source!r}, where "
            "every "
            f"image is {source.labels[int(labels[0])]!r}"
        )
    test, test_rows, train_rows, validation_rows = _split(source, labels, config, seed)
    form = find_format(source.train, train_rows, config.image_size)
    total = len(train_rows) + len(validation_rows) + len(test_rows)
    reader = Reader.within(config.cache_gigabytes, form, total, config.skip_corrupt)
    train, validation = reader.read(source.train, labels, [train_rows, validation_rows])

    def read_test() -> Examples:
        return reader.read(test, check_labels(test, source.labels), [test_rows])[0]

    info = Info(
        channels=form.channels,
        classes=len(source.labels),
        labels=source.labels,
        image_size=form.size,
        counts={"train": train.count, "validation": validation.count, "test": len(test_rows)},
        digest=_digest([train, validation], test, test_rows),
        skipped=total - len(test_rows) - train.count - validation.count,
    )
    return DataSet(info, train, validation, read_test)


def load_new_data(config: DataConfig) -> DataSet:
    """Loads images that are to be scored, not trained on: its own test split, or all where it has none.

    Args:
      config: Source and sizes; fractions play no part, since nothing is split.

    Returns:
      A data set whose train and validation are empty. One image is enough, and one class.

    Raises:
      ScaleNetError: as `load_data`, but for the number of images and classes.

    Example:
      >>> load_new_data(DataConfig(source="folder:photos", image_size=64)).examples("test").count
    """
    if config.source == "bundled":
        return bundled.load(config)
    source = _open(config)
    test = source.train if source.test is None else source.test
    labels = check_labels(test, source.labels)
    rows, none = np.arange(len(labels)), np.arange(0)
    form = find_format(test, rows, config.image_size)
    reader = Reader.within(config.cache_gigabytes, form, len(rows), config.skip_corrupt)
    empty = ArrayExamples.of(np.zeros((0, *form.shape), np.uint8), none)
    info = Info(
        channels=form.channels,
        classes=len(source.labels),
        labels=source.labels,
        image_size=form.size,
        counts={"train": 0, "validation": 0, "test": len(rows)},
        digest=_digest([], test, rows),
    )
    return DataSet(info, empty, empty, lambda: reader.read(test, labels, [rows])[0])


def _open(config: DataConfig) -> Source:
    kind, place = parse_source(config.source)
    if kind == "folder":
        return open_folder(place)
    if kind == "tfrecord":
        return open_tfrecord(place)
    from scalenet_tf.data.sources.tfds import open_tfds  # seconds to import

    return open_tfds(place, config.data_dir)


def _split(
    source: Source, labels: np.ndarray, config: DataConfig, seed: int
) -> tuple[Encoded, np.ndarray, np.ndarray, np.ndarray]:
    """The test split's images and rows, then the rows of train and validation."""
    if source.test is not None:
        test, rest, test_rows = source.test, np.arange(len(labels)), np.arange(len(source.test.labels))
    else:
        test = source.train
        rest, test_rows = stratified_split(labels, config.test_fraction, seed, Purpose.TEST_SPLIT)
    train, validation = stratified_split(
        labels[rest], config.validation_fraction, seed, Purpose.VALIDATION_SPLIT
    )
    return test, test_rows, rest[train], rest[validation]


def _digest(trained_on: list[Examples], test: Encoded, test_rows: np.ndarray) -> str:
    digest = hashlib.sha256()
    for examples in trained_on:
        for content in examples.fingerprint():
            digest.update(content)
    # Not the pixels: the test split is not read before it is asked for.
    for line in test.fingerprint():
        digest.update(line.encode())
    digest.update(test_rows.astype("<i8").tobytes())
    return digest.hexdigest()
