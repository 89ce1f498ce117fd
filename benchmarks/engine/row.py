"""A row of the table: a goal, what was measured, and how."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
      what: What is measured.
      goal: Most that it may be; least, where `at_least`.
      measured: What it is.
      unit: Of both; empty for a ratio.
      note: What the number says in few words.
      detail: Everything it was computed from.
      at_least: Whether more is better.
    """

    what: str
    goal: float
    measured: float
    unit: str = ""
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    at_least: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Progress:
    """Prints what is done of a part, and the time that the rest of it will take."""

    def __init__(self, part: str, total: int):
        self._part, self._total, self._done = part, total, 0
        self._begun = time.monotonic()

    def advance(self, result: str) -> None:
        self._done += 1
        spent = time.monotonic() - self._begun
        left = spent / self._done * (self._total - self._done)
        line = (
            f"{self._part}: {self._done} of {self._total}, {spent:.0f} s, about {left:.0f} s left; {result}"
        )
        print(line, file=sys.stderr, flush=True)
