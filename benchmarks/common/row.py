"""A row of a table of goals, and the progress of measuring it."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from scalenet_tf.utils.formatting import time_left


@dataclass(frozen=True)
class Row:
    """A measurement and its goal.

    Attributes:
      what: Name of the measurement.
      goal: The largest value that reaches the goal; the smallest if `at_least`.
      measured: The value.
      unit: Unit of both; empty for a ratio.
      note: A few words on the value.
      detail: JSON object of what the value was computed from.
      at_least: Whether larger is better.
    """

    what: str
    goal: float
    measured: float
    unit: str = ""
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    at_least: bool = False

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return asdict(self)


class Progress:
    """Prints the progress of a measurement to stderr, with an estimate of the time left.

    Args:
      part: Name of the measurement.
      total: Number of its parts.
    """

    def __init__(self, part: str, total: int):
        self._part, self._total, self._done = part, total, 0
        self._begun = time.monotonic()

    def advance(self, result: str) -> None:
        """Prints that one more part is done, and its result."""
        self._done += 1
        spent = time.monotonic() - self._begun
        left = spent / self._done * (self._total - self._done)
        line = f"{self._part}: {self._done} of {self._total}, {spent:.0f} s, {time_left(left)}; {result}"
        print(line, file=sys.stderr, flush=True)
