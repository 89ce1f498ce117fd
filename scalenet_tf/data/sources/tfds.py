"""Image-classification data sets of TensorFlow Datasets."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from scalenet_tf.config import Task
from scalenet_tf.data.encoded import Records
from scalenet_tf.data.sources.class_names import unique_names
from scalenet_tf.data.sources.source import Source
from scalenet_tf.data.sources.split_names import assign_roles
from scalenet_tf.data.sources.tfds_features import check_format, declared
from scalenet_tf.errors import InvalidInputError, ScaleNetError, first_line, nearest


def open_tfds(name: str, data_dir: str | None, task: Task = Task.single_label) -> Source:
    """Opens a data set, and downloads and prepares it first if `data_dir` does not hold it.

    Every image is decoded to the number of channels that the set declares, as TFDS does.
    """
    builder = _builder(name, data_dir)
    found = declared(builder, name, task)
    if not builder.is_prepared():
        _prepare(builder, name, data_dir)
    check_format(builder, name)
    labels = unique_names(found.classes, [f"class {k}" for k in range(len(found.classes))], f"tfds:{name}")

    several = len(labels) if task is Task.multi_label else None

    def records(split: str) -> Records:
        shards = tuple(str(path) for path in builder.info.splits[split].filepaths)
        return Records(shards, found.image_key, found.label_key, several)

    filled = [split for split, info in builder.info.splits.items() if info.num_examples]
    roles = assign_roles(filled, f"tfds:{name}")
    splits = {role: records(split) for role, split in roles.items()}
    places = {role: f"split {split!r}" for role, split in roles.items()}
    unused = [f"split {split!r}" for split in filled if split not in roles.values()]
    # Some data sets do not publish the labels of "test" and store -1.
    if "test" in splits and not _has_labels(splits["test"].labels):
        del splits["test"]
        unused.append(places.pop("test") + ", which has no labels")
    if not splits:
        raise InvalidInputError(
            f"`data.source` tfds:{name} must have a train split. It has: "
            f"{', '.join(builder.info.splits) or 'none'}"
        )
    return Source(
        labels,
        splits.get("train"),
        splits.get("validation"),
        splits.get("test"),
        places=places,
        unused=tuple(unused),
        channels=found.channels,
    )


def _has_labels(labels: np.ndarray) -> bool:
    return bool(labels.any() if labels.ndim == 2 else labels.max(initial=-1) >= 0)


def _builder(name: str, data_dir: str | None) -> Any:
    try:
        return tfds.builder(name, data_dir=data_dir)
    except tfds.core.DatasetNotFoundError as error:
        known = tfds.list_builders(with_community_datasets=False)
        raise InvalidInputError(
            f"`data.source` tfds:NAME must name a set of TensorFlow Datasets. Received: {name!r}."
            f"{nearest(name, known)} All of them: https://www.tensorflow.org/datasets/catalog"
        ) from error
    except Exception as error:  # each set, and the parser of names, has errors of its own
        raise InvalidInputError(
            "`data.source` tfds:NAME takes NAME, NAME/CONFIG or NAME:VERSION of TensorFlow Datasets, "
            f"without a split, since all splits are used as what they are. Received: {name!r}, which cannot "
            f"be opened: {_shortened(error)}.{_configs(name)}"
        ) from error


def _configs(name: str) -> str:
    """Names the configurations of a set, if a name asks for one."""
    known = tfds.list_builders(with_community_datasets=False)
    base, slash, config = name.partition("/")
    if not slash or base not in known:
        return ""
    configs = list(tfds.builder_cls(base).builder_configs)
    if not configs:
        return f" {base} has no configurations: give tfds:{base}."
    return (
        f" Configurations of {base}: {', '.join(configs[:8])}{', …' if len(configs) > 8 else ''}."
        + nearest(config, configs)
    )


def _shortened(error: BaseException) -> str:
    text = first_line(error).rstrip(".")
    return text if len(text) <= 300 else text[:300] + "…"


def _prepare(builder: Any, name: str, data_dir: str | None) -> None:
    try:
        builder.download_and_prepare(file_format="tfrecord")
    except Exception as error:
        raise ScaleNetError(
            f"`data.source` tfds:{name} is not prepared in {data_dir or 'the default data_dir of TFDS'!r}, "
            f"and preparing it failed: {error}. Give the data.data_dir that holds it, or connect to the "
            "network."
        ) from error
