"""The checkpoints in a folder, found by their own files, since TensorFlow's index of them may be damaged."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path

import tensorflow as tf
from google.protobuf import text_format

logger = logging.getLogger(__name__)

_NAME = re.compile(r"ckpt-\d{1,18}")
_INDEX = "checkpoint"


def find_checkpoints(folder: Path) -> list[str]:
    """Returns the paths of the checkpoints in a folder, the oldest first; damaged ones may be among them."""
    names = {file.stem for file in folder.glob("ckpt-*.index")} | set(_listed(folder) or ())
    return sorted((str(folder / name) for name in names if _NAME.fullmatch(name)), key=checkpoint_number)


def checkpoint_number(path: str) -> int:
    """Returns the number of a checkpoint, which grows with every one that is saved."""
    return int(path.rpartition("-")[2])


def repair_index(folder: Path) -> None:
    """Writes TensorFlow's index of a folder again if it does not list the checkpoints.

    The writer of checkpoints keeps and removes those that the index lists.
    """
    found = [Path(path).name for path in find_checkpoints(folder)]
    listed = _listed(folder)
    if listed is None or (found and not listed):
        logger.warning("super-supernet: %r is damaged or lost; it is written again", str(folder / _INDEX))
    if found and set(found) != set(listed or ()):
        now = time.time()
        tf.compat.v1.train.update_checkpoint_state(
            str(folder),
            found[-1],
            found,
            all_model_checkpoint_timestamps=[now] * len(found),
            last_preserved_timestamp=now - 1,  # earlier ones would be kept for ever
        )
    elif listed is None:
        (folder / _INDEX).unlink()


def _listed(folder: Path) -> list[str] | None:
    """Returns the names in TensorFlow's index, none if there is no index; None if it cannot be read."""
    index = folder / _INDEX
    if not index.is_file():
        return []
    try:
        state = tf.train.get_checkpoint_state(str(folder))
    except (ValueError, text_format.ParseError, tf.errors.OpError):
        return None
    return None if state is None else [Path(path).name for path in state.all_model_checkpoint_paths]
