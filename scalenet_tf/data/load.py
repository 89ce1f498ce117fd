"""Loads data sets: a configured one, the one of a run, or new images to evaluate."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.decode import find_format
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.reader import Reader
from scalenet_tf.data.sources import bundled
from scalenet_tf.data.sources.source import check_labels
from scalenet_tf.data.splits import Splits, open_source, split_source
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.utils.value_file import write_value


def load_data(config: DataConfig, seed: int) -> DataSet:
    """Loads a data set as three disjoint splits.

    Validation is a seeded, stratified part of train, except that `tfrecord:` with both Split-eval and
    Split-test has its own. Test is the source's test or validation split, otherwise a seeded, stratified
    part; its images are read when they are first requested. Decoded images are kept in memory if they fit
    into `config.cache_gigabytes`, and streamed from disk otherwise.

    Args:
      config: Source, image size and fractions.
      seed: Seed of the splits.

    Returns:
      The data set; its `info` is known before the first batch.

    Raises:
      ScaleNetError: If the source is unknown, has no images or only one class, has labels out of range, or
        has images that cannot be decoded or differ in size or channels.

    Example:
      >>> load_data(DataConfig(source="bundled"), seed=0).info.counts["train"]
      8000
    """
    if config.source == "bundled":
        return bundled.load(config)
    splits = split_source(config, seed)
    train_part, test_part = splits.train, splits.test
    image_format = find_format(train_part.encoded, train_part.rows, config.image_size)
    total = splits.count
    reader = Reader.within(config.cache_gigabytes, image_format, total, config.skip_corrupt)
    train, validation = _read(reader, splits)

    def read_test() -> Examples:
        return reader.read(test_part.encoded, splits.labels_of(test_part), [test_part.rows])[0]

    info = DataInfo(
        channels=image_format.channels,
        classes=len(splits.labels),
        labels=splits.labels,
        image_size=image_format.size,
        counts={"train": train.count, "validation": validation.count, "test": len(test_part.rows)},
        digest=_digest([train, validation], test_part.encoded, test_part.rows),
        skipped=total - len(test_part.rows) - train.count - validation.count,
    )
    return DataSet(info, train, validation, read_test)


def _read(reader: Reader, splits: Splits) -> list[Examples]:
    """Reads train and validation; images of one source are decoded in one pass."""
    train, validation = splits.train, splits.validation
    if train.encoded is validation.encoded:
        return reader.read(train.encoded, splits.labels_of(train), [train.rows, validation.rows])
    return [reader.read(part.encoded, splits.labels_of(part), [part.rows])[0] for part in (train, validation)]


def load_new_data(config: DataConfig) -> DataSet:
    """Loads images for evaluation: the test split of a source, or all its images if it has none.

    Args:
      config: Source and image size; the fractions are ignored, since nothing is split.

    Returns:
      A data set with empty train and validation splits. One image and one class are enough.

    Raises:
      ScaleNetError: In the cases of `load_data`, except for the number of images and classes.

    Example:
      >>> load_new_data(DataConfig(source="folder:photos", image_size=64)).examples("test").count
    """
    if config.source == "bundled":
        return bundled.load(config)
    source = open_source(config)
    test = source.train if source.test is None else source.test
    labels = check_labels(test, source.labels)
    rows, none = np.arange(len(labels)), np.arange(0)
    image_format = find_format(test, rows, config.image_size)
    reader = Reader.within(config.cache_gigabytes, image_format, len(rows), config.skip_corrupt)
    empty = ArrayExamples.of(np.zeros((0, *image_format.shape), np.uint8), none)
    info = DataInfo(
        channels=image_format.channels,
        classes=len(source.labels),
        labels=source.labels,
        image_size=image_format.size,
        counts={"train": 0, "validation": 0, "test": len(rows)},
        digest=_digest([], test, rows),
    )
    return DataSet(info, empty, empty, lambda: reader.read(test, labels, [rows])[0])


def _digest(trained_on: list[Examples], test: Encoded, test_rows: np.ndarray) -> str:
    digest = hashlib.sha256()
    for examples in trained_on:
        for content in examples.fingerprint():
            digest.update(content)
    # Without pixels, since the test split is read only when it is requested.
    for line in test.fingerprint():
        digest.update(line.encode())
    digest.update(test_rows.astype("<i8").tobytes())
    return digest.hexdigest()


# The steps of one process share the decoded images.
_load = lru_cache(maxsize=1)(load_data)


def load_ahead(run: Run) -> None:
    """Decodes the images of a run for a later `open_data`; nothing is written or compared.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If the data cannot be loaded, see `load_data`.
    """
    _load(run.config.data, run.config.seed)


def open_data(run: Run) -> DataSet:
    """Loads the data of a run; its facts are written to data.json the first time, and must not change.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If the data cannot be loaded, or differ from those that the run was started with.

    Example:
      >>> open_data(Run.open("runs/first")).info.classes
      10
    """
    data = _load(run.config.data, run.config.seed)
    begun = read_data_info(run)
    if begun is None:
        write_value(run.data_file, data.info)
        return data
    changed = [name for name in DataInfo.model_fields if getattr(begun, name) != getattr(data.info, name)]
    if changed:
        raise InvalidInputError(
            f"the run {str(run.path)!r} was started with other images than {run.config.data.source!r} "
            f"has now (they differ in: {', '.join(changed)}). Put the images back as they were, or "
            "start a new run."
        )
    return data
