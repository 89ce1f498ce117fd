"""Whether a directory holds the work of a run, or may become one."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import BEGINNING, RunFolder
from scalenet_tf.run.locks import LOCKS
from scalenet_tf.utils import files

# No job step has started in a run that holds only these files: it may be created again with other settings.
_BEGINNING = {*BEGINNING, LOCKS}


def check_free(path: Path) -> None:
    """Raises InvalidInputError if a directory without a run holds other files."""
    if not RunFolder(path).config_file.is_file() and holds_work(path):
        raise InvalidInputError(f"`run` {str(path)!r} holds other files. Give an empty or new directory.")


def holds_work(path: Path) -> bool:
    """Whether a job step of a run has begun, or a directory holds other files."""
    return path.is_dir() and any(file.name not in _BEGINNING for file in files.entries(path))
