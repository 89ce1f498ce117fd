"""The workers that call, and when each was heard last."""

from __future__ import annotations

import math
from collections.abc import Callable

HEARTBEATS_PER_LEASE = 6
# Heartbeats in which the workers of an earlier chief tell a new one which trials they have.
_UNTIL_ALL_TOLD = 1.25


class Workers:
    """The workers that call, and when each was heard last.

    Args:
      lease_seconds: Seconds of silence after which a worker counts as dead.
      clock: Function that returns the seconds of a monotonic clock.
    """

    def __init__(self, lease_seconds: float, clock: Callable[[], float]) -> None:
        self._lease, self._clock = lease_seconds, clock
        self._heard: dict[str, float] = {}  # time of the last call, by worker
        self._expected_from, self._given_before = -math.inf, set[str]()
        self.present: set[str] = set()  # those that may still call

    def expect(self, trials: set[str]) -> None:
        """Notes that a chief has begun: for a lease, workers may be there that have not called yet.

        Args:
          trials: The trials without a result that an earlier chief has given to workers.
        """
        self._expected_from, self._given_before = self._clock(), trials

    def hear(self, worker: str) -> None:
        """Notes that a worker has called."""
        self._heard[worker] = self._clock()

    @property
    def were_heard(self) -> bool:
        """Whether any worker has called this process yet."""
        return bool(self._heard)

    @property
    def may_have(self) -> set[str]:
        """The trials that workers may have from an earlier chief, until they had the time to tell."""
        told = self._age > _UNTIL_ALL_TOLD * self._lease / HEARTBEATS_PER_LEASE
        return set() if told else self._given_before

    def is_silent(self, worker: str, seconds: float | None = None) -> bool:
        """Returns whether a worker that has called has then been silent.

        Args:
          worker: The worker.
          seconds: Seconds that its silence must exceed. Default: the lease.
        """
        now = self._clock()
        return now - self._heard.get(worker, now) > (self._lease if seconds is None else seconds)

    def heard_within(self, seconds: float) -> set[str]:
        """Forgets those present that have been silent for longer than `seconds`, and returns the others."""
        self.present -= {worker for worker in self.present if self.is_silent(worker, seconds)}
        return self.present

    def may_be_others_than(self, worker: str | None) -> bool:
        """Returns whether another worker than this one is there, or may be.

        Args:
          worker: The worker; None for one of them that is not known.
        """
        living = [other for other in self._heard if other != worker and not self.is_silent(other)]
        return self._age <= self._lease or len(living) > (worker is None)

    @property
    def _age(self) -> float:
        return self._clock() - self._expected_from
