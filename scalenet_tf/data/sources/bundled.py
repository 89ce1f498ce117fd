"""The data set inside the package: 16,000 / 1,000 / 4,000 images of Fashion-MNIST."""

from __future__ import annotations

import hashlib
from importlib import resources

import numpy as np
import tensorflow as tf

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.examples import ArrayExamples
from scalenet_tf.data.multi_hot import class_sizes
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.data_info import DataInfo

_FILE = resources.files("scalenet_tf.data").joinpath("bundled", "fashion_mnist.npz")

# Configuration keys that do not apply to the bundled images.
SPLITTING = ("validation", "validation_fraction", "test_fraction", "train_images")


def load(config: DataConfig, task: Task = Task.single_label, facts: DataInfo | None = None) -> DataSet:
    """Loads the bundled data set.

    Args:
      config: Only `image_size` and `channels` are used, to convert the images.
      task: Task of the images.
      facts: Facts of the images that a run has begun with. Earlier versions took no notice of `channels` and
        `test_fraction`.

    Raises:
      ScaleNetError: If the task is multi_label, or if a fraction or a number of training images is given,
        since the splits are fixed.
    """
    if task is Task.multi_label:
        raise InvalidInputError(
            "`data.source` bundled has one label for each image, and `task` is multi_label. Give images with "
            "labels.csv (folder:PATH), or another source; or leave `task` out."
        )
    for name in SPLITTING:
        if facts is None and getattr(config, name) != getattr(DataConfig(), name):
            raise InvalidInputError(
                f"`data.{name}` cannot be chosen for the bundled images, whose splits are fixed. "
                f"Received: {getattr(config, name)}. Leave it out, or give another data.source."
            )
    image_size = config.image_size
    channels = facts.channels if facts else 3 if config.channels == 3 else 1
    digest = hashlib.sha256(_FILE.read_bytes()).hexdigest()
    labels = tuple(str(label) for label in _arrays("labels")[0])
    train, validation = (_examples(split, image_size, channels) for split in ("train", "validation"))
    test_labels = _arrays("test_labels")[0]
    size = train.images.shape[2]
    changed = [str(size)] if size != 28 else []
    changed += [f"{channels} channels"] if channels != 1 else []
    split_labels = {"train": train.class_ids(), "validation": validation.class_ids(), "test": test_labels}
    info = DataInfo(
        channels=channels,
        classes=len(labels),
        labels=labels,
        image_size=size,
        counts={split: len(own) for split, own in split_labels.items()},
        digest=hashlib.sha256(" ".join([digest, *changed]).encode()).hexdigest() if changed else digest,
        class_counts={
            split: tuple(class_sizes(own, len(labels)).tolist()) for split, own in split_labels.items()
        },
    )
    return DataSet(info, train, validation, lambda: _examples("test", image_size, channels))


def _arrays(*names: str) -> list[np.ndarray]:
    """Reads the named arrays of the file, and no others."""
    with _FILE.open("rb") as file, np.load(file) as arrays:
        return [arrays[name] for name in names]


def _examples(split: str, image_size: int | None, channels: int) -> ArrayExamples:
    images, labels = _arrays(f"{split}_images", f"{split}_labels")
    if image_size is not None:
        images = tf.cast(tf.round(resize(images, image_size)), tf.uint8).numpy()
    return ArrayExamples.of(np.repeat(images, channels, axis=3) if channels > 1 else images, labels)
