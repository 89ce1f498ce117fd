"""A step's own error, found in what it printed."""

from __future__ import annotations

from collections.abc import Sequence

_TRACEBACK = "Traceback (most recent call last):"


def last_error(lines: Sequence[str]) -> str:
    """The message of the last traceback, without its frames; else the last lines that say something.

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
    told = [line for line in lines if line.strip()]
    if not told:
        return "it printed nothing, and may have been killed"
    return "it ended without an error text, and may have been killed. Its last lines:\n" + "\n".join(
        told[-5:]
    )
