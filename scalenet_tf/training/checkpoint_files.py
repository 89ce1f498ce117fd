"""The checkpoints in a folder: those in TensorFlow's list of them, and those whose files are there."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import tensorflow as tf

from scalenet_tf.utils import files

logger = logging.getLogger(__name__)

_LIST = "checkpoint"
_INDEX = re.compile(r"ckpt-(\d+)\.index")


def checkpoints_in(folder: Path) -> list[str]:
    """Returns the prefixes of a folder's checkpoints, oldest first; the list may be damaged or missing.

    A checkpoint that was written when its process was killed is whole, but not in the list yet. One in the
    list may have lost its files, which is told when it is read.
    """
    there = {str(folder / name.removesuffix(".index")) for name in _names(folder) if _INDEX.fullmatch(name)}
    return sorted(there | set(_listed(folder) or ()), key=number_of)


def repair_list(folder: Path) -> None:
    """Writes the list of a folder's checkpoints anew if it cannot be read, or lacks one that is there.

    TensorFlow's manager needs a list to begin, and removes only what is in it.
    """
    listed, found = _listed(folder), checkpoints_in(folder)
    if listed is None:
        logger.warning("super-supernet: %s is damaged; it is written again", folder / _LIST)
        (folder / _LIST).unlink()
    names = [Path(prefix).name for prefix in found]
    if names and set(found) != set(listed or ()):
        lines = [f'model_checkpoint_path: "{names[-1]}"']
        lines += [f'all_model_checkpoint_paths: "{name}"' for name in names]
        # The manager removes only what is younger than 0.
        lines += ["all_model_checkpoint_timestamps: 1.0" for _ in names]
        files.write_text(folder / _LIST, "\n".join(lines) + "\n")


def number_of(prefix: str) -> int:
    """Returns the number of a checkpoint, the largest of which is the newest."""
    return int(prefix.rpartition("-")[2])


def check_files(prefix: str) -> None:
    """Raises RuntimeError if a file of a checkpoint is no regular file: TensorFlow would wait for a pipe."""
    for path in _irregular(Path(prefix)):
        raise RuntimeError(f"{str(path)!r} is no regular file")


def make_way(prefix: Path) -> None:
    """Removes what is no regular file, and no folder, where a checkpoint is to be written."""
    for path in _irregular(prefix):
        if not path.is_dir():
            path.unlink()


def _irregular(prefix: Path) -> list[Path]:
    there = [prefix.parent / name for name in _names(prefix.parent) if name.startswith(f"{prefix.name}.")]
    return [path for path in there if not path.is_file()]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _listed(folder: Path) -> list[str] | None:
    """Returns the prefixes in TensorFlow's list, none if there is no list, or None if it cannot be read."""
    if not (folder / _LIST).exists():
        return []
    if not (folder / _LIST).is_file():
        return None
    try:
        state = tf.train.get_checkpoint_state(str(folder))
    except (ValueError, tf.errors.OpError):
        return None
    paths = [Path(path) for path in state.all_model_checkpoint_paths] if state else []
    if not paths or not all(re.fullmatch(r"ckpt-\d+", path.name) for path in paths):
        return None
    return [str(folder / path.name) for path in paths]
