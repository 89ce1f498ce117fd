"""Loads data sets: a configured one as three splits, or new images to evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data.class_check import check_classes_are_left
from scalenet_tf.data.corrupt import CorruptImagesError, CorruptPart
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.decode import find_format
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.image_digests import content_digests, files_digest
from scalenet_tf.data.reader import Reader, Reading
from scalenet_tf.data.sources import bundled
from scalenet_tf.data.sources.source import check_labels
from scalenet_tf.data.splits import Splits, open_source, split_source
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.image_check import ImageCheck, read_image_check

REMEDIES = (
    "Repair or remove them, or leave them out with data.skip_corrupt=true, in an evaluation with "
    "--skip-corrupt."
)


@dataclass(frozen=True)
class Checked:
    """A data set all of whose images have been decoded once.

    Attributes:
      data: The data set.
      check: The images that cannot be decoded; None for the bundled ones.
    """

    data: DataSet
    check: ImageCheck | None


def load_data(config: DataConfig, seed: int) -> DataSet:
    """Loads a data set as three disjoint splits.

    A source that has train, validation and test splits is used as it is. If it has only one of the last two,
    that is test. A split that is missing is a seeded, stratified part of train, and so is validation with
    `config.validation="train"`. Every image of all splits is decoded once to check it. Decoded images are
    kept in memory if they fit into `config.cache_gigabytes`, those of the test split from their first use;
    otherwise they are streamed from disk.

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
    return load_checked(config, seed).data


def load_checked(
    config: DataConfig, seed: int, check_file: Path | None = None, *, begun: bool = False
) -> Checked:
    """Loads a data set as `load_data` does; every image of all splits is decoded once to check it.

    Args:
      config: Source, image size and fractions.
      seed: Seed of the splits.
      check_file: File of an earlier check, which saves decoding the same files again.
      begun: Whether a run has begun with these images. Earlier versions began with classes without images.
    """
    if config.source == "bundled":
        return Checked(bundled.load(config), None)
    splits = split_source(config, seed, begun=begun)
    train_part, test_part = splits.train, splits.test
    test_labels = splits.labels_of(test_part)
    image_format = find_format(train_part.encoded, train_part.rows, config.image_size, splits.channels)
    total = splits.count
    reader = Reader.within(config.cache_gigabytes, image_format, total)
    files = files_digest(splits, image_format)
    known = _known_corrupt(check_file, files)
    train, validation = _read_training(reader, splits, known)
    if "test" in known:
        corrupt_test = known["test"]
    else:
        corrupt_test = reader.find_corrupt(test_part.encoded, test_part.rows)
    corrupt = {
        "train": np.union1d(train.corrupt, known.get("train", [])).astype(np.int64),
        "validation": np.union1d(validation.corrupt, known.get("validation", [])).astype(np.int64),
        "test": corrupt_test,
    }
    if not config.skip_corrupt:
        _refuse(splits, corrupt)
    if not begun:
        check_classes_are_left(train.examples.class_ids(), splits.labels)

    good_test = test_part.rows[~np.isin(test_part.rows, corrupt_test)]

    def read_test() -> Examples:
        # Hours may have passed since the check.
        gone = np.array(sorted(test_part.encoded.unreadable(good_test)), np.int64)
        [test] = reader.read(
            test_part.encoded, test_labels, [good_test[~np.isin(good_test, gone)]], corrupt_test
        )
        if not config.skip_corrupt:
            _refuse(splits, {"test": np.union1d(gone, test.corrupt)})
        return test.examples

    trained_on = [train.examples, validation.examples]
    digest, training_digest = content_digests(trained_on, test_part.encoded, test_part.rows)
    counts = {name: len(part.rows) - len(corrupt[name]) for name, part in splits.parts.items()}
    info = DataInfo(
        channels=image_format.channels,
        classes=len(splits.labels),
        labels=splits.labels,
        image_size=image_format.size,
        counts=counts,
        digest=digest,
        training_digest=training_digest,
        skipped=total - sum(counts.values()),
    )
    check = ImageCheck(files=files, corrupt={name: tuple(rows.tolist()) for name, rows in corrupt.items()})
    return Checked(DataSet(info, train.examples, validation.examples, read_test, splits.places), check)


def _known_corrupt(check_file: Path | None, files: str) -> dict[str, np.ndarray]:
    """Rows of each split that an earlier check of the same files could not decode; empty without one."""
    check = read_image_check(check_file)
    if check is None or check.files != files or set(check.corrupt) != {"train", "validation", "test"}:
        return {}
    return {name: np.array(rows, np.int64) for name, rows in check.corrupt.items()}


def _read_training(reader: Reader, splits: Splits, known: dict[str, np.ndarray]) -> list[Reading]:
    """Reads train and validation; images of one source are decoded in one pass."""
    train, validation = splits.train, splits.validation
    if train.encoded is validation.encoded:
        corrupt = np.concatenate([known["train"], known["validation"]]) if known else None
        return reader.read(train.encoded, splits.labels_of(train), [train.rows, validation.rows], corrupt)
    return [
        reader.read(part.encoded, splits.labels_of(part), [part.rows], known.get(name))[0]
        for name, part in (("train", train), ("validation", validation))
    ]


def _refuse(splits: Splits, corrupt: dict[str, np.ndarray]) -> None:
    """Raises ScaleNetError if there are corrupt images, naming those of all splits."""
    parts = {
        name: CorruptPart(splits.parts[name].encoded, rows, len(splits.parts[name].rows))
        for name, rows in corrupt.items()
    }
    if any(len(rows) for rows in corrupt.values()):
        own = splits.test.encoded is not splits.train.encoded
        raise CorruptImagesError(parts, REMEDIES, in_own_source=own)


def load_new_data(config: DataConfig) -> DataSet:
    """Loads images for evaluation: the test split of a source, else its validation split, else all images.

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
    role = source.scored()
    test: Encoded = getattr(source, role)
    labels = check_labels(test, source.labels)
    rows, none = np.arange(len(labels)), np.arange(0)
    image_format = find_format(test, rows, config.image_size, source.channels)
    reader = Reader.within(config.cache_gigabytes, image_format, len(rows))
    empty = ArrayExamples.of(np.zeros((0, *image_format.shape), np.uint8), none)
    info = DataInfo(
        channels=image_format.channels,
        classes=len(source.labels),
        labels=source.labels,
        image_size=image_format.size,
        counts={"train": 0, "validation": 0, "test": len(rows)},
        digest=content_digests([], test, rows)[0],
    )

    def read_test() -> Examples:
        [found] = reader.read(test, labels, [rows])
        if len(found.corrupt) and not config.skip_corrupt:
            raise CorruptImagesError({"test": CorruptPart(test, found.corrupt, len(rows))}, REMEDIES)
        return found.examples

    return DataSet(info, empty, empty, read_test, {"test": source.places[role]})
