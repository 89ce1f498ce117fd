"""Splits encoded images into train, validation and test before any of them is decoded."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.config.source import parse_source
from scalenet_tf.data.class_check import check_class_sizes, check_classes_are_there
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.multi_hot import class_sizes
from scalenet_tf.data.order import split_rows
from scalenet_tf.data.reading import PHOTOS, PLAIN
from scalenet_tf.data.sources.folder import open_folder
from scalenet_tf.data.sources.labelled_folder import open_labelled_folder
from scalenet_tf.data.sources.source import Source, check_labels
from scalenet_tf.data.sources.split_names import Role
from scalenet_tf.data.sources.tfrecord import open_tfrecord
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.random_streams import RandomStream

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """Some rows of encoded images, and the place in the source that they come from."""

    encoded: Encoded
    rows: np.ndarray
    place: str


@dataclass(frozen=True)
class Splits:
    """Three disjoint parts of a source, and the names of its classes.

    Attributes:
      labels: Name of each class.
      train: Images to train on.
      validation: Images for the search.
      test: Images for the results.
      unused: Splits of the source whose images are in no part.
      channels: Number of channels that every image is decoded to. Default: as stored.
    """

    labels: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    unused: tuple[str, ...] = ()
    channels: int | None = None

    @property
    def parts(self) -> dict[str, Part]:
        """The three parts by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def count(self) -> int:
        """Number of images in all three parts."""
        return sum(len(part.rows) for part in self.parts.values())

    @property
    def places(self) -> dict[str, str]:
        """The place in the source that each part comes from."""
        return {name: part.place for name, part in self.parts.items()}

    def labels_of(self, part: Part) -> np.ndarray:
        """Checked labels of all images that a part is taken from, int64 [N] or multi-hot [N, classes]."""
        return check_labels(part.encoded, self.labels, part.place)


def open_source(config: DataConfig, task: Task = Task.single_label, *, begun: bool = False) -> Source:
    """Opens any source except the bundled one, which is not stored encoded.

    Args:
      config: The source.
      task: Task of the images.
      begun: Whether a run has begun with these images; see `open_folder`.

    Raises:
      ScaleNetError: If the source cannot be used, or has no labels of the task.
    """
    kind, location = parse_source(config.source)
    if kind == "folder" and task is Task.multi_label:
        return open_labelled_folder(location)
    if kind == "folder":
        return open_folder(location, PLAIN if config.reading == "plain" else PHOTOS, begun=begun)
    if kind == "tfrecord":
        return open_tfrecord(location, task)
    from scalenet_tf.data.sources.tfds import open_tfds  # seconds to import

    return open_tfds(location, config.data_dir, task)


def split_source(
    config: DataConfig, seed: int, task: Task = Task.single_label, *, begun: bool = False
) -> Splits:
    """Splits a source; a split that it lacks is a seeded part of train, see `split_rows`.

    Args:
      config: Source and fractions.
      seed: Seed of the splits.
      task: Task of the images.
      begun: Whether the images were split before. Earlier versions began runs with classes without images.

    Raises:
      ScaleNetError: If there is no train split, labels are out of range or of one class only, or a class has
        too few images.
    """
    source = open_source(config, task, begun=begun)
    if source.unread and not begun:  # First, since it may be why the images are refused.
        logger.warning("files and folders that are not used: %s", ", ".join(source.unread))
    if source.train is None:
        raise InvalidInputError(
            f"`data.source` {config.source} must have a train split. It has only: "
            f"{', '.join(source.places.values())}. `scalenet evaluate --data` takes such images."
        )
    labels = check_labels(source.train, source.labels, source.places["train"])
    if np.count_nonzero(class_sizes(labels, len(source.labels))) < 2:
        raise InvalidInputError(
            f"`data.source` must have images of at least two classes. Received: {config.source!r}, where "
            f"every image is {source.labels[int(class_sizes(labels, len(source.labels)).argmax())]!r}"
        )
    place, held_out = source.places["train"], source.held_out()
    spare = source.validation is not None and held_out != "validation"
    own_validation = spare and config.validation == "own"
    _check_not_empty(source, held_out, "validation" if own_validation else None)
    parts = ["train", *([] if own_validation else ["validation"]), *([] if held_out else ["test"])]
    if not begun:
        check_classes_are_there(labels, source.labels, place)
    if task is Task.single_label:
        check_class_sizes(labels, source.labels, parts, place)
    train = np.arange(len(labels))
    if held_out is None:
        train, rows = split_rows(labels, config.test_fraction, seed, RandomStream.TEST_SPLIT)
        test = Part(source.train, rows, f"a part of {place}")
    else:
        test = _whole(source, held_out)
    if own_validation:
        validation = _whole(source, "validation")
    else:
        rest, rows = split_rows(
            labels[train], config.validation_fraction, seed, RandomStream.VALIDATION_SPLIT
        )
        validation = Part(source.train, train[rows], f"a part of {place}")
        train = train[rest]
    train = _some(train, labels, config.train_images, seed)
    unused = source.unused
    if spare and not own_validation:
        unused = (source.places["validation"], *unused)
    splits = Splits(
        source.labels,
        Part(source.train, train, place),
        validation,
        test,
        unused,
        source.channels,
    )
    for name, part in splits.parts.items():
        if task is Task.multi_label and not part.encoded.labels[part.rows].any():
            raise InvalidInputError(
                f"`data.source`: some image of {name} must have a label, or there is nothing to score. "
                f"Received: none of {len(part.rows):,} ({part.place}). Give more images with labels, or "
                "larger fractions."
            )
        splits.labels_of(part)  # are checked before hours of decoding
    if not begun:
        _log(splits)
    return splits


def _check_not_empty(source: Source, *roles: Role | None) -> None:
    """Raises ScaleNetError, before any image is decoded, if one of these splits has none."""
    for role in roles:
        if role is not None and not len(getattr(source, role).labels):
            raise InvalidInputError(
                f"`data.source` must have labelled images in {source.places[role]}. It holds none there. "
                "Remove it to take a part of train instead."
            )


def _log(splits: Splits) -> None:
    parts = ", ".join(f"{name} {len(part.rows):,} ({part.place})" for name, part in splits.parts.items())
    logger.info("images: %s", parts)
    if splits.unused:
        logger.warning("images that belong to no split are not used: %s", ", ".join(splits.unused))


def _some(rows: np.ndarray, labels: np.ndarray, count: int | None, seed: int) -> np.ndarray:
    """About `count` of the rows, stratified by class, at least one of each; all if `count` is None."""
    if count is None or count >= len(rows):
        return rows
    if labels.ndim == 2:
        some, _ = split_rows(labels[rows], 1 - count / len(rows), seed, RandomStream.TRAIN_PART)
        return rows[some]
    single = np.bincount(labels[rows])[labels[rows]] == 1
    rest = rows[~single]  # a class with one image cannot be split: it is kept
    if not len(rest):
        return rows
    _, some = split_rows(labels[rest], count / len(rows), seed, RandomStream.TRAIN_PART)
    return np.concatenate([rest[some], rows[single]])


def _whole(source: Source, role: Role) -> Part:
    encoded: Encoded = getattr(source, role)
    return Part(encoded, np.arange(len(encoded.labels)), source.places[role])
