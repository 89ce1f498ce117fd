"""Image-classification data sets of TensorFlow Datasets."""

from __future__ import annotations

from typing import Any

import tensorflow_datasets as tfds

from scalenet_tf.data.encoded import Records
from scalenet_tf.data.sources.source import Source
from scalenet_tf.errors import InvalidInputError, ScaleNetError, nearest


def open_tfds(name: str, data_dir: str | None) -> Source:
    """Opens a data set, and downloads and prepares it first if `data_dir` does not hold it.

    The test split is its labelled "test" split, otherwise its "validation" split, otherwise a part of train.
    """
    builder = _builder(name, data_dir)
    image_key, label_key = _keys(builder, name)
    if not builder.is_prepared():
        _prepare(builder, name, data_dir)
    if "train" not in builder.info.splits:
        raise InvalidInputError(
            f"`data.source` tfds:{name} must have a train split. It has: {', '.join(builder.info.splits)}"
        )

    def records(split: str) -> Records:
        return Records(tuple(str(p) for p in builder.info.splits[split].filepaths), image_key, label_key)

    test = None
    for split in ("test", "validation"):
        # Some data sets do not publish the labels of "test" and store -1.
        if split in builder.info.splits and (candidate := records(split)).labels.max(initial=-1) >= 0:
            test = candidate
            break
    return Source(tuple(builder.info.features[label_key].names), records("train"), test)


def _builder(name: str, data_dir: str | None) -> Any:
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError as error:
        known = tfds.list_builders(with_community_datasets=False)
        raise InvalidInputError(
            f"`data.source` tfds:NAME must name a set of TensorFlow Datasets. Received: {name!r}."
            f"{nearest(name, known)} All of them: https://www.tensorflow.org/datasets/catalog"
        ) from error


def _keys(builder: Any, name: str) -> tuple[str, str]:
    features = builder.info.features
    keys: tuple[str, ...] = builder.info.supervised_keys or ()
    if (
        len(keys) == 2
        and all(isinstance(key, str) for key in keys)
        and isinstance(features[keys[0]], tfds.features.Image)
        and isinstance(features[keys[1]], tfds.features.ClassLabel)
    ):
        return keys[0], keys[1]
    raise InvalidInputError(
        f"`data.source` tfds:{name} must be a set for image classification, with one image and one class "
        "label "
        f"an example. Its features are: {', '.join(features)}"
    )


def _prepare(builder: Any, name: str, data_dir: str | None) -> None:
    try:
        builder.download_and_prepare(file_format="tfrecord")
    except Exception as error:
        raise ScaleNetError(
            f"`data.source` tfds:{name} is not prepared in "
            f"{data_dir or 'the default data_dir of TFDS'!r}, and "
            f"preparing it failed: {error}. Give the data.data_dir that holds it, or connect to the network."
        ) from error
