"""The features that a data set of TensorFlow Datasets declares: its images and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError


@dataclass(frozen=True)
class Declared:
    """The features that an example of a classification set consists of.

    Attributes:
      image_key: Name of the image.
      label_key: Name of the label.
      classes: Name of each class.
      channels: Number of channels, 1 or 3, that every image is decoded to. Default: as stored.
    """

    image_key: str
    label_key: str
    classes: tuple[str, ...]
    channels: int | None


def declared(builder: Any, name: str, task: Task = Task.single_label) -> Declared:
    """Reads the features of a data set.

    Args:
      builder: The builder of the set.
      name: Name of the set in messages.
      task: Task of the images.

    Raises:
      ScaleNetError: If an example does not have one image with 8 bits per channel and one class label, or for
        multi_label one sequence of class labels.
    """
    image_key, label_key = _keys(builder.info, name, task)
    image, label = builder.info.features[image_key], builder.info.features[label_key]
    if task is Task.multi_label:
        label = label.feature
    if image.np_dtype != np.uint8:
        raise InvalidInputError(
            f"`data.source` tfds:{name} must have images of dtype uint8, 0 to 255. Its feature "
            f"{image_key!r} has dtype {np.dtype(image.np_dtype).name}, whose range is not known. Convert "
            "the images to 8 bits per channel, for example in a folder of PNG files, and give folder:PATH."
        )
    if not label.names:
        raise InvalidInputError(
            f"`data.source` tfds:{name} must name its classes. Its feature {label_key!r} has no names. Give "
            "`num_classes` or `names` to its ClassLabel."
        )
    channels = image.shape[-1]
    return Declared(image_key, label_key, tuple(label.names), channels if channels in (1, 3) else None)


def check_format(builder: Any, name: str) -> None:
    """Raises ScaleNetError if the files of a prepared set are not TFRecord."""
    found = builder.info.file_format
    if found != tfds.core.FileFormat.TFRECORD:
        format_name = found.value if found else "unknown"
        raise InvalidInputError(
            f"`data.source` tfds:{name} must be stored as tfrecord. Received: files in the format "
            f"{format_name}, in {str(builder.data_dir)!r}. Convert them with `tfds convert_format "
            "--out_file_format=tfrecord --dataset_version_dir=THAT_FOLDER --out_dir=ANOTHER`, or give a "
            "data.data_dir in which the set is prepared as tfrecord."
        )


def _is_label(feature: Any, task: Task) -> bool:
    if task is Task.multi_label:
        sequence = isinstance(feature, tfds.features.Sequence)
        return sequence and isinstance(feature.feature, tfds.features.ClassLabel)
    return isinstance(feature, tfds.features.ClassLabel)


def _keys(info: Any, name: str, task: Task) -> tuple[str, str]:
    """Names of the image and the label: the supervised keys, or the only two features of these kinds.

    Of several sequences of class labels, the one that is called "labels".
    """
    features = info.features if isinstance(info.features, tfds.features.FeaturesDict) else {}
    keys = info.supervised_keys
    if keys is None:
        images = [key for key in features if isinstance(features[key], tfds.features.Image)]
        labels = [key for key in features if _is_label(features[key], task)]
        if "labels" in labels and task is Task.multi_label:
            labels = ["labels"]
        keys = (*images, *labels) if len(images) == len(labels) == 1 else ()
    if (
        len(keys) == 2
        and all(isinstance(key, str) and key in features for key in keys)
        and isinstance(features[keys[0]], tfds.features.Image)
        and _is_label(features[keys[1]], task)
    ):
        return keys[0], keys[1]
    supervised = f"supervised keys: {info.supervised_keys}"
    other = Task.single_label if task is Task.multi_label else Task.multi_label
    fits = any(_is_label(feature, other) for feature in features.values())
    number = "a sequence of class labels" if task is Task.multi_label else "one class label"
    raise InvalidInputError(
        f"`data.source` tfds:{name} must be a set for image classification, with one image and {number} "
        f"per example. Its features are: {', '.join(sorted(features)) or 'none'} ({supervised}). "
        "Choose another set or another configuration of it, or give its images as folder:PATH."
        + (f" For its labels, set task={other}." if fits else "")
    )
