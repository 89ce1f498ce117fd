"""Values and lists of names as error texts show them: short, whatever their size."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import Any

_MOST = 120
_short = reprlib.Repr()
_short.maxlevel, _short.maxstring, _short.maxother, _short.maxlong = 3, _MOST, _MOST, 50
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = 8


def shown(value: Any) -> str:
    """Returns a value as Python writes it, and a text as it is, shortened in the middle or at the end.

    Example:
      >>> shown([1, "a"]), len(shown("x" * 10**6)) < 250
      ("[1, 'a']", True)
    """
    text = value if isinstance(value, str) else received(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text):,} characters)"


def first_few(names: Sequence[str], most: int = 5) -> str:
    """Returns the first of some names, and the number of the others.

    Example:
      >>> first_few(["a", "b", "c", "d"], most=2)
      'a, b and 2 more'
    """
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left:,} more" if left > 0 else "")


def received(value: Any) -> str:
    """Returns a value as Python writes it, as after "Received:", shortened; texts are quoted."""
    try:
        text = _short.repr(value)
    except ValueError:  # an integer of thousands of digits
        text = f"a value of type {type(value).__name__} that is too long to show"
    return text if len(text) <= 2 * _MOST else f"{text[: 2 * _MOST]}…"
