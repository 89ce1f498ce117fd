"""Decodes all images of a set once: their facts, and those that cannot be decoded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data.class_check import check_classes_are_left
from scalenet_tf.data.corrupt import CorruptImagesError, CorruptPart
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.examples import Examples
from scalenet_tf.data.image_digests import content_digests, files_digest
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.multi_hot import class_sizes
from scalenet_tf.data.reader import Reader, Reading
from scalenet_tf.data.splits import Part, Splits
from scalenet_tf.data.summary import stored_images
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.image_check import ImageCheck, read_image_check

REMEDIES = (
    "Repair or remove them, or leave them out with data.skip_corrupt=true (in Python with "
    "**{'data.skip_corrupt': True}), in an evaluation with --skip-corrupt."
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


def check_images(
    config: DataConfig,
    splits: Splits,
    image_format: ImageFormat,
    check_file: Path | None,
    begun: bool,
    facts: DataInfo | None,
) -> Checked:
    """Decodes every image of all splits once, unless an earlier check did.

    Args:
      config: The configuration.
      splits: The encoded images.
      image_format: Format to decode them to.
      check_file: File of an earlier check.
      begun: Whether a run has begun with these images.
      facts: Facts of the images that the run has begun with, or that an interrupted process has noted.

    Raises:
      OtherFormatError: If an image does not fit the format.
      ScaleNetError: If images cannot be decoded, or a class has none left.
    """
    test_part = splits.test
    total = splits.count
    reader = Reader.within(config.cache_gigabytes, image_format, total)
    files = files_digest(splits, image_format)
    known = _known_corrupt(check_file, files)
    train, validation = _read_training(reader, splits, known)
    corrupt_test, stored_test = known.get("test"), None
    if corrupt_test is None:
        corrupt_test, stored_test = reader.find_corrupt(test_part.encoded, test_part.rows)
    corrupt = {
        "train": np.union1d(train.corrupt, known.get("train", [])).astype(np.int64),
        "validation": np.union1d(validation.corrupt, known.get("validation", [])).astype(np.int64),
        "test": corrupt_test,
    }
    if not config.skip_corrupt:
        _refuse(splits, corrupt)
    if not begun:
        check_classes_are_left(train.examples.class_ids(), splits.labels)
    trained_on = [train.examples, validation.examples]
    digest, training_digest = content_digests(trained_on, test_part.encoded, test_part.rows)
    good = {name: _without(part, corrupt[name]) for name, part in splits.parts.items()}
    counts = {name: len(rows) for name, rows in good.items()}
    sizes = {
        name: class_sizes(splits.labels_of(splits.parts[name])[rows], len(splits.labels))
        for name, rows in good.items()
    }
    noted = facts.stored if facts and (begun or facts.digest == digest) else None
    stored = [part for part in (train.stored, validation.stored, stored_test) if part is not None]
    info = DataInfo(
        channels=image_format.channels,
        classes=len(splits.labels),
        labels=splits.labels,
        image_size=image_format.size,
        counts=counts,
        digest=digest,
        training_digest=training_digest,
        skipped=total - sum(counts.values()),
        stored=stored_images(stored) if len(stored) == 3 else noted,
        class_counts={name: tuple(own.tolist()) for name, own in sizes.items()},
    )
    check = ImageCheck(files=files, corrupt={name: tuple(rows.tolist()) for name, rows in corrupt.items()})
    test = partial(_read_test, config, splits, reader, corrupt_test)
    return Checked(DataSet(info, train.examples, validation.examples, test, splits.places), check)


def _read_test(config: DataConfig, splits: Splits, reader: Reader, corrupt: np.ndarray) -> Examples:
    part = splits.test
    good = _without(part, corrupt)
    # Hours may have passed since the check.
    gone = np.array(sorted(part.encoded.unreadable(good)), np.int64)
    [test] = reader.read(part.encoded, splits.labels_of(part), [good[~np.isin(good, gone)]], corrupt)
    if not config.skip_corrupt:
        _refuse(splits, {"test": np.union1d(gone, test.corrupt)})
    return test.examples


def _without(part: Part, corrupt: np.ndarray) -> np.ndarray:
    """Rows of a split that can be decoded."""
    return part.rows[~np.isin(part.rows, corrupt)]


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
