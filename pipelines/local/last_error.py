"""Finds the error of a pipeline step in its output."""

from __future__ import annotations

from collections.abc import Sequence

_TRACEBACK = "Traceback (most recent call last):"


def last_error(lines: Sequence[str]) -> str:
    """Returns the message of the last traceback without its frames, or else the last lines of output.

    Args:
      lines: Lines that the step printed.

    Example:
      >>> last_error(["Traceback (most recent call last):", '  File "a.py"', "ValueError: no"])
      'ValueError: no'
    """
    lines = [line.rstrip() for line in lines]
    begins = [index for index, line in enumerate(lines) if line.lstrip() == _TRACEBACK]
    if begins:
        below = lines[begins[-1] + 1 :]
        first = next((i for i, line in enumerate(below) if line and not line.startswith(" ")), None)
        if first is not None:
            return "\n".join(below[first:]).strip()
    printed = [line for line in lines if line.strip()]
    if not printed:
        return "it printed nothing, and may have been killed"
    return "it ended without an error text, and may have been killed. Its last lines:\n" + "\n".join(
        printed[-5:]
    )
