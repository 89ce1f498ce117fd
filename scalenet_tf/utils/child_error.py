"""Errors of a child process, passed to its parent through a file with their kind."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf import errors
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files


def write_error(path: str | Path, error: ScaleNetError) -> None:
    """Writes the kind and the text of an error, atomically.

    Args:
      path: File to write.
      error: The error; a class from another module counts as its parent in `errors`.
    """
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)
    files.write_json(path, {"kind": kind, "text": str(error)})


def read_error(path: str | Path) -> ScaleNetError | None:
    """Returns the error that `write_error` wrote, or None if there is no such file."""
    if not Path(path).is_file():
        return None
    found = files.read_json(path)
    kind: type[ScaleNetError] = getattr(errors, found["kind"])
    return kind(found["text"])
