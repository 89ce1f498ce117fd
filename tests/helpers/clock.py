"""A clock that stands still until a test moves it."""

from __future__ import annotations


class Clock:
    """Seconds of a monotonic clock; a test sets `now`, or lets it pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Lets time pass, exactly as much as asked."""
        self.now += seconds
