"""Errors that a user can act on, by kind.

Raise the child that fits: `InvalidInputError` for anything that the user passed, `NotReadyError` for a result
that does not exist yet, `DivergedError`, `DamagedFileError` or `ConnectionLostError`. Raise `ScaleNetError`
itself otherwise: the environment (a missing package, an address or a file in use, a full disk), a child
process that fails, and a result that fails a check.
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

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines, in place of a traceback that ends in the library."""
        return [f"{type(self).__name__}: {self}"]


class InvalidInputError(ScaleNetError):
    """An argument, option, configuration, environment variable, image or callable is not valid."""


class NotReadyError(ScaleNetError):
    """A result does not exist yet: another job step or a measurement has to finish first."""


class DivergedError(ScaleNetError):
    """A training diverged and cannot continue with its settings; earlier checkpoints are kept."""


class DamagedFileError(ScaleNetError):
    """A file that the library wrote is truncated, was changed, or does not belong to the other files."""


class ConnectionLostError(ScaleNetError):
    """Another process, worker, server or TPU does not respond; saved results are kept."""


# Lines that TensorFlow puts before the error of an operation in a graph.
_TRACES = ("Graph execution error", "Detected at node", "<stack traces")


def nearest(word: str, valid: Iterable[str]) -> str:
    """Returns " Did you mean 'x'?" for the closest valid word, or "" if none is close."""
    # Comparing takes time that grows with the product of both lengths.
    close = difflib.get_close_matches(word[:100], list(valid), n=1, cutoff=0.5)
    # An enum's member prints its class too.
    return f" Did you mean {str(close[0])!r}?" if close else ""


def first_line(error: BaseException) -> str:
    """Returns the first line of another library's error that says something, without traces around it."""
    lines = (line.strip() for line in str(error).splitlines())
    return next((line for line in lines if line and not line.startswith(_TRACES)), type(error).__name__)
