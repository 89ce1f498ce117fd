"""`SecondChance`: a trial that failed on one worker is tried by another one, before it counts as failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class SecondChance:
    """The trials that have failed once, and the worker that each failed on.

    A worker whose device is broken fails within milliseconds, and would take most trials of a search from the
    others.

    Args:
      heard: Time of the last call of each worker, as it changes.
      seconds: Seconds of silence after which a worker counts as dead.
      clock: Function that returns the time.
    """

    def __init__(self, heard: Mapping[str, float], seconds: float, clock: Callable[[], float]) -> None:
        self._heard, self._seconds, self._clock = heard, seconds, clock
        self._failed_on: dict[str, str] = {}

    def take(self, trial_id: str, worker: str | None) -> bool:
        """Returns whether a trial that failed on a worker goes to another one; it does once.

        Args:
          trial_id: The trial.
          worker: The worker that had it; None if none has it any more.
        """
        if worker is None or trial_id in self._failed_on or not self._others(worker):
            return False
        self._failed_on[trial_id] = worker
        return True

    def withheld(self, worker: str) -> set[str]:
        """Returns the trials that a worker does not get, as long as there is another one."""
        if not self._others(worker):
            return set()
        return {trial for trial, failed_on in self._failed_on.items() if failed_on == worker}

    def _others(self, worker: str) -> bool:
        now = self._clock()
        return any(now - last <= self._seconds for other, last in self._heard.items() if other != worker)
