"""Loads data sets: a configured one as three splits, or new images to evaluate."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.data.checked import REMEDIES, Checked, check_images
from scalenet_tf.data.corrupt import CorruptImagesError, CorruptPart
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.decode import OtherFormatError
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.examples import ArrayExamples, Examples
from scalenet_tf.data.find_format import WantedFormat, with_fitting_format
from scalenet_tf.data.image_digests import content_digests
from scalenet_tf.data.multi_hot import class_sizes
from scalenet_tf.data.reader import Reader
from scalenet_tf.data.sources import bundled
from scalenet_tf.data.sources.source import check_labels
from scalenet_tf.data.splits import open_source, split_source
from scalenet_tf.data.summary import summary
from scalenet_tf.run.data_info import DataInfo

logger = logging.getLogger(__name__)


def load_data(config: DataConfig, seed: int, task: Task = Task.single_label) -> DataSet:
    """Loads a data set as three disjoint splits.

    A source that has train, validation and test splits is used as it is. If it has only one of the last two,
    that is test. A split that is missing is a seeded part of train, stratified by class (for multi_label see
    `split_rows`), and so is validation with `config.validation="train"`. Every image of all splits is decoded
    once to check it. Decoded images are kept in memory if they fit into `config.cache_gigabytes`, those of
    the test split from their first use; otherwise they are streamed from disk.

    Args:
      config: Source, image size and fractions.
      seed: Seed of the splits.
      task: Task of the images.

    Returns:
      The data set; its `info` is known before the first batch.

    Raises:
      ScaleNetError: If the source is unknown, has no images or only one class, has labels out of range, or
        has images that cannot be decoded or differ in size or channels.

    Example:
      >>> load_data(DataConfig(source="bundled"), seed=0).info.counts["train"]
      16000
    """
    return load_checked(config, seed, task=task).data


def load_checked(
    config: DataConfig,
    seed: int,
    check_file: Path | None = None,
    *,
    begun: bool = False,
    side: int | None = None,
    facts: DataInfo | None = None,
    task: Task = Task.single_label,
) -> Checked:
    """Loads a data set as `load_data` does; every image of all splits is decoded once to check it.

    Args:
      config: Source, image size and fractions.
      seed: Seed of the splits.
      check_file: File of an earlier check, which saves decoding the same files again.
      begun: Whether a run has begun with these images. Earlier versions began with classes without images.
      side: Side to which images are resized, see `WantedFormat`.
      facts: Facts of the images that the run has begun with, or that an interrupted process has noted.
      task: Task of the images.
    """
    if config.source == "bundled":
        return Checked(bundled.load(config, task, facts if begun else None), None)
    splits = split_source(config, seed, task, begun=begun)
    wanted = WantedFormat(config, splits.channels, side)
    if begun and facts is not None and config.reading == "photos":
        image_format = wanted.known(facts)
    else:
        image_format = wanted.begin(splits.train.encoded, splits.train.rows)
    checked = with_fitting_format(
        wanted, image_format, lambda chosen: check_images(config, splits, chosen, check_file, begun, facts)
    )
    if not begun:
        used = [splits.labels_of(part)[part.rows] for part in splits.parts.values()]
        counts = class_sizes(np.concatenate(used), len(splits.labels))
        logger.info("%s", summary(checked.data.info, counts, config.background))
    return checked


def load_new_data(config: DataConfig, task: Task = Task.single_label) -> DataSet:
    """Loads images for evaluation: the test split of a source, else its validation split, else all images.

    Args:
      config: Source and image size; the fractions are ignored, since nothing is split.
      task: Task of the images.

    Returns:
      A data set with empty train and validation splits. One image and one class are enough.

    Raises:
      ScaleNetError: In the cases of `load_data`, except for the number of images and classes.

    Example:
      >>> load_new_data(DataConfig(source="folder:photos", image_size=64)).examples("test").count
    """
    if config.source == "bundled":
        return bundled.load(config, task)
    source = open_source(config, task)
    role = source.scored()
    test: Encoded = getattr(source, role)
    labels = check_labels(test, source.labels, source.places[role])
    rows, none = np.arange(len(labels)), labels[:0]
    image_format = WantedFormat(config, source.channels).begin(test, rows)
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
        try:
            [found] = reader.read(test, labels, [rows])
        except OtherFormatError as error:
            raise error.refusal from error
        if len(found.corrupt) and not config.skip_corrupt:
            raise CorruptImagesError({"test": CorruptPart(test, found.corrupt, len(rows))}, REMEDIES)
        return found.examples

    return DataSet(info, empty, empty, read_test, {"test": source.places[role]})
