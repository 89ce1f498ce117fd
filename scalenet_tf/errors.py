"""Errors that a user can act on, by kind.

Raise the child that fits: `InvalidInputError` for anything that was given, `NotReadyError` for a result that
is not there yet, `DivergedError`, `DamagedFileError` and `ConnectionLostError` for what their names say.
Raise `ScaleNetError` itself for what remains: the environment (a missing package, an address or a file in
use, a full disk), a child process that fails, and a result that fails a check.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ScaleNetError(ValueError):
    """Base class of all errors that a user can act on; the text is complete without a traceback.

    The command line prints the text and exits with code 2. A text says which argument is wrong, what was
    expected, what was received, and what to do next.

    Example:
      >>> try:
      ...     steps.search(run)
      ... except NotReadyError:
      ...     steps.train(run)
    """


class InvalidInputError(ScaleNetError):
    """Something that was given is wrong: an argument, option, configuration, variable, image or callable."""


class NotReadyError(ScaleNetError):
    """A result is not there yet: another job step or a measurement has to finish first."""


class DivergedError(ScaleNetError):
    """A training diverged and cannot go on with its settings; earlier checkpoints are kept."""


class DamagedFileError(ScaleNetError):
    """A file that the library wrote is cut short, changed, or does not belong with the others."""


class ConnectionLostError(ScaleNetError):
    """Another process, worker, server or TPU does not answer; what was saved is kept."""


def nearest(word: str, valid: Iterable[str]) -> str:
    """Returns " Did you mean 'x'?" for the closest valid word, or "" if none is close."""
    close = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def first_line(error: BaseException) -> str:
    """Returns the first line of another library's error, without the traces that follow it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
