"""Split folders of tf.Example records as TFX names them: PATH/Split-train/*.gz, Split-eval, Split-test."""

from __future__ import annotations

import os

import tensorflow as tf

from scalenet_tf.data.encoded import Records
from scalenet_tf.data.sources.source import Source
from scalenet_tf.errors import InvalidInputError

_SUFFIXES = (".gz", ".tfrecord", ".tfrecords")


def open_tfrecord(path: str) -> Source:
    """Opens split folders; labels.txt beside them names the classes.

    With both Split-test and Split-eval, these are test and validation. Otherwise test is the one that exists,
    if any, and validation is a part of Split-train. Split-validation, which runs write, is always validation.
    """
    path = os.path.expanduser(path)
    names = os.path.join(path, "labels.txt")
    if not tf.io.gfile.exists(names):
        raise InvalidInputError(
            f"`data.source` tfrecord:{path} must hold labels.txt, one class name a line. It does not."
        )
    with tf.io.gfile.GFile(names) as file:
        labels = tuple(line.strip() for line in file.read().splitlines() if line.strip())
    train = _records(os.path.join(path, "Split-train"))
    if train is None:
        raise InvalidInputError(
            f"`data.source` tfrecord:{path} must hold Split-train with {', '.join(_SUFFIXES)} files. It "
            "does not."
        )
    names_of_others = ("Split-test", "Split-eval", "Split-validation")
    test, evaluation, validation = (_records(os.path.join(path, name)) for name in names_of_others)
    return Source(labels, train, test or evaluation, validation or (evaluation if test else None))


def _records(path: str) -> Records | None:
    if not tf.io.gfile.isdir(path):
        return None
    shards = sorted(name for name in tf.io.gfile.listdir(path) if name.endswith(_SUFFIXES))
    packed = [name for name in shards if name.endswith(".gz")]
    plain = [name for name in shards if not name.endswith(".gz")]
    if packed and plain:
        raise InvalidInputError(
            f"`data.source`: the shards of {path!r} must be all compressed (.gz) or all plain. Received "
            f"{len(packed)} compressed ones ({_some(packed)}) and {len(plain)} plain ones ({_some(plain)}). "
            "Write them again in one way, or remove those that do not belong there."
        )
    return Records(tuple(os.path.join(path, name) for name in shards)) if shards else None


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
