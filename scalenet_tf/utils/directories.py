"""The rule for the paths of directories that runs and exported models are written to."""

from __future__ import annotations

import os
import re
from pathlib import Path

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import received

# TensorFlow takes paths of checkpoints and SavedModels for patterns: what it writes to `a[1]` it cannot read,
# and `a*` is also `ab`.
_PATTERN = "*?[]\\"
_LONGEST, _LONGEST_NAME = 2000, 200


def check_directory(argument: str, path: str | Path) -> Path:
    """Checks that a directory can hold everything that TensorFlow and this library write.

    Args:
      argument: Name of the argument in error texts.
      path: Path as it was given; it does not have to exist.

    Returns:
      The path.

    Raises:
      ScaleNetError: If it holds a character of patterns, a control character or bytes that are not UTF-8, is
        a URL, or is too long.

    Example:
      >>> check_directory("run", "runs/first").name
      'first'
    """
    text = str(path)
    problem = _problem(text)
    if problem:
        raise InvalidInputError(
            f"`{argument}` {problem}. Received: {received(text)}. Choose another directory."
        )
    return Path(path)


def _problem(text: str) -> str | None:
    if not text:
        return "must be the path of a directory"
    pattern = sorted({character for character in text if character in _PATTERN})
    if pattern:
        return f"must not hold {' '.join(pattern)} in its path, which TensorFlow takes for a pattern"
    if any(character < " " or character == "\x7f" for character in text):
        return "must not hold control characters, such as the end of a line, in its path"
    try:
        parts = [len(part) for part in os.fsencode(text).decode("utf-8").encode("utf-8").split(b"/")]
    except UnicodeError:
        return "must have a path in UTF-8"
    # Path joins the two slashes of a URL.
    if re.match(r"[a-z0-9]+:/", text):
        return "must be a directory of this machine, not a URL: mount the bucket and give its folder"
    if max(parts) > _LONGEST_NAME or sum(parts) + len(parts) > _LONGEST:
        return f"must have a path of at most {_LONGEST} bytes, and {_LONGEST_NAME} in each name"
    return None
