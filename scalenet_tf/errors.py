"""The one error a user is meant to read: it says what is wrong and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ScaleNetError(ValueError):
    """A mistake in the input or the environment; its text stands alone without a traceback.

    The command line prints it and exits with code 2. Write the text as: which argument, what was
    expected, what was received, what to do next.
    """


def nearest(word: str, valid: Iterable[str]) -> str:
    """Returns " Did you mean 'x'?" for the closest valid word, or "" where none is close."""
    close = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def first_line(error: BaseException) -> str:
    """What an error of another library says, without its traces."""
    return (str(error).splitlines() or [type(error).__name__])[0]
