"""Checks that images, files and the destination of models are where the tasks of a target can use them."""

from __future__ import annotations

import os

from components.common.remote import check_url
from pipelines.target import Target
from scalenet_tf.config import RunConfig
from scalenet_tf.config.source import parse_source
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.named_files import named_files
from scalenet_tf.run.paths import check_folder
from scalenet_tf.utils.resources import is_url


def task_path(argument: str, path: str, target: Target) -> str:
    """Returns a folder or URL to write to as the tasks of a target take it.

    Args:
      argument: Name of the argument in errors.
      path: Folder or URL.
      target: Target that the tasks run on.

    Raises:
      ScaleNetError: If it cannot be opened, or what is written there would be lost with the task.
    """
    if not path:
        raise InvalidInputError(
            f"`{argument}` must be a folder or a URL such as gs://BUCKET/models. Received: ''."
        )
    if is_url(path):
        check_url(argument, path, here=target.name == "local")
        return path
    if target.name == "local":
        return os.path.abspath(os.path.expanduser(path))
    if not path.startswith("/"):
        raise InvalidInputError(
            f"`{argument}` must be a URL such as gs://BUCKET/models, or the absolute path of a volume that "
            f"every task of {target.name} has. Received: {path!r}, which is relative to this machine."
        )
    if not target.mounts(path):
        raise InvalidInputError(
            f"`{argument}` must be a URL such as gs://BUCKET/models on {target.name}, or {target.mounted}. "
            f"Received: {path!r}, which would be lost with the task."
        )
    return path


def check_source(config: RunConfig, target: Target) -> None:
    """Raises ScaleNetError if tasks of a target cannot read the images of a configuration."""
    kind, path = parse_source(config.data.source)
    if kind in ("folder", "tfrecord") and is_url(path) and not path.startswith("gs://"):
        raise InvalidInputError(
            f"`data.source` {kind}:PATH must be a folder or gs://BUCKET/FOLDER, as TensorFlow reads images. "
            f"Received: {path!r}. Copy the images to such a place."
        )
    if target.name == "local":
        check_folder(config.data)
        return
    if kind in ("folder", "tfrecord") and _is_of_this_machine(path, target):
        raise InvalidInputError(
            f"`data.source` {kind}:PATH is a folder of this machine, which tasks of {target.name} do not "
            f"see. Received: {path!r}. Copy it to a bucket and give {kind}:gs://BUCKET/FOLDER, or name the "
            "path of a volume that tasks mount."
        )
    place = config.data.data_dir
    if kind == "tfds" and place is not None and _is_of_this_machine(place, target):
        raise InvalidInputError(
            f"`data.data_dir` is a folder of this machine, which tasks of {target.name} do not see. "
            f"Received: {place!r}. Copy it to a bucket and give gs://BUCKET/FOLDER, or name the path of a "
            "volume that tasks mount."
        )


def check_named_files(config: RunConfig, target: Target) -> None:
    """Raises ScaleNetError if tasks of a target do not see a file that a configuration names."""
    for place, key in named_files(config).items():
        if target.name != "local" and _is_of_this_machine(place, target):
            raise InvalidInputError(
                f"`{key}` is a path of this machine, which tasks of {target.name} do not see. Received: "
                f"{place!r}. Name the path of a volume that every task mounts, or the URL of a recipe."
            )


def _is_of_this_machine(path: str, target: Target) -> bool:
    """Whether a path is here and not on a volume of the tasks, which this machine may mount too."""
    return not is_url(path) and os.path.exists(path) and not target.mounts(path)
