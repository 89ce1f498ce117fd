"""`SecondChance`: a trial that failed on one worker is tried by another one, before it counts as failed."""

from __future__ import annotations

from scalenet_tf.search.workers import Workers


class SecondChance:
    """The trials that have failed once, and the worker that each failed on.

    A worker whose device is broken fails within milliseconds, and would take most trials of a search from the
    others.

    Args:
      workers: The workers of the search.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._failed_on: dict[str, str] = {}

    def take(self, trial_id: str, worker: str | None) -> bool:
        """Returns whether a trial that failed on a worker goes to another one; it does once.

        Args:
          trial_id: The trial.
          worker: The worker that had it; None if this chief gave it to none, or the call was sent before.
        """
        if worker is None:
            return self._workers.may_be_others_than(None)
        if trial_id in self._failed_on or not self._workers.may_be_others_than(worker):
            return False
        self._failed_on[trial_id] = worker
        return True

    def withheld(self, worker: str) -> set[str]:
        """Returns the trials that a worker does not get, as long as there is another one."""
        if not self._workers.may_be_others_than(worker):
            return set()
        return {trial for trial, failed_on in self._failed_on.items() if failed_on == worker}
