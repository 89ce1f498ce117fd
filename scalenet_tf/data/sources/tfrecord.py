"""Split folders of tf.Example records as TFX names them: PATH/Split-train/*.gz, Split-eval, Split-test."""

from __future__ import annotations

import os

import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.data.encoded import Records
from scalenet_tf.data.sources.class_names import parse_class_names
from scalenet_tf.data.sources.source import Source
from scalenet_tf.data.sources.split_names import assign_roles
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import first_few

_SUFFIXES = (".gz", ".tfrecord", ".tfrecords")
_PREFIX = "Split-"
_WRITTEN = "validation"  # name of the validation split that runs write


def open_tfrecord(path: str, task: Task = Task.single_label) -> Source:
    """Opens split folders; labels.txt beside them names the classes.

    Without Split-test, Split-eval is the test split, as in TFX; Split-validation, which runs write, is not.
    For multi_label, the feature `label` of a record holds any number of classes.
    """
    path = os.path.expanduser(path)
    labels = read_labels(path)
    several = len(labels) if task is Task.multi_label else None
    found = {name: _records(os.path.join(path, _PREFIX + name), several) for name in _splits(path)}
    splits = {name: records for name, records in found.items() if records is not None}
    roles = assign_roles(splits, f"tfrecord:{path}")
    if not roles:
        raise InvalidInputError(
            f"`data.source` tfrecord:{path} must hold {_PREFIX}train with {', '.join(_SUFFIXES)} files. It "
            "does not."
        )
    used = {role: splits[name] for role, name in roles.items()}
    return Source(
        labels,
        used.get("train"),
        used.get("validation"),
        used.get("test"),
        places={role: f"{_PREFIX}{name}/" for role, name in roles.items()},
        unused=tuple(f"{_PREFIX}{name}/" for name in splits if name not in roles.values()),
        tests_on_validation=roles.get("validation") != _WRITTEN,
    )


def read_labels(path: str) -> tuple[str, ...]:
    """Returns the names of the classes in PATH/labels.txt.

    Raises:
      ScaleNetError: If there is no such file, or in the cases of `parse_class_names`.
    """
    file = os.path.join(path, "labels.txt")
    if not tf.io.gfile.exists(file):
        raise InvalidInputError(
            f"`data.source` tfrecord:{path} must hold labels.txt, one class name per line. It does not."
        )
    with tf.io.gfile.GFile(file, "rb") as content:
        return parse_class_names(content.read(), file)


def _splits(path: str) -> list[str]:
    names = sorted(name.rstrip("/") for name in tf.io.gfile.listdir(path))
    return [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]


def _records(path: str, several: int | None) -> Records | None:
    if not tf.io.gfile.isdir(path):
        return None
    shards = sorted(name for name in tf.io.gfile.listdir(path) if name.endswith(_SUFFIXES))
    packed = [name for name in shards if name.endswith(".gz")]
    plain = [name for name in shards if not name.endswith(".gz")]
    if packed and plain:
        raise InvalidInputError(
            f"`data.source`: the shards of {path!r} must be all compressed (.gz) or all plain. Received "
            f"{len(packed)} compressed ones ({first_few(packed, 3)}) and {len(plain)} plain ones "
            f"({first_few(plain, 3)}). Write them again in one way, or remove those that do not belong there."
        )
    files = tuple(os.path.join(path, name) for name in shards)
    return Records(files, several=several) if shards else None
