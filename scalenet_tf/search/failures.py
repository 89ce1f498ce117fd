"""`Failures`: the failed trials of a search, and when they are too many to go on."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

_TOLD = 3  # Failures of a process that are told one by one.


class Failures:
    """Counts the trials that fail one after another.

    One subnet may be too large for a device. If nothing can be scored any more, such as when another process
    has taken the device's memory, going on would spend the rest of the search on nothing.

    Args:
      give_up_after: Number of failures in a row after which the search stops, at least 1.
    """

    def __init__(self, give_up_after: int) -> None:
        self._give_up_after = self._most = give_up_after
        self._in_a_row = self._count = self._warned = 0
        self.scored_any = False

    def add(self, score: float | None) -> None:
        """Takes the result of a trial: its score, or None if it failed."""
        if score is None:
            self._in_a_row, self._count = self._in_a_row + 1, self._count + 1
        else:
            self._in_a_row, self._most, self.scored_any = 0, self._give_up_after, True

    def allow(self, count: int) -> None:
        """Lets `count` more trials fail until the next success: those that are tried for a second time.

        Subnets that fail whenever they are tried would stop every start of the search at the same place.
        """
        self._most += count

    def too_many(self, finished: bool) -> bool:
        """Returns whether the search should stop.

        Args:
          finished: Whether the search asks for nothing more.
        """
        return not self.scored_any if finished else self._in_a_row >= self._most

    def warn(self, trial_id: str, message: str | None) -> None:
        """Tells the user of a trial that has failed in this process: the first ones, then 10, 100, ….

        Args:
          trial_id: The trial.
          message: Why it failed.
        """
        self._warned += 1
        if self._warned <= _TOLD:
            logger.warning("search: trial %s failed, and ranks last:\n%s", trial_id, message)
        elif str(self._warned).rstrip("0") == "1":
            logger.warning(
                "search: %s trials have failed by now, the last one with:\n%s", self._count, message
            )

    def text(self, message: str | None) -> str:
        """Returns why the search was stopped.

        Args:
          message: Message of the last failed trial.
        """
        which = "its last" if self.scored_any else "all of its first"
        return (
            f"the search was stopped: {which} {self._in_a_row} trials failed, the last one with:\n{message}\n"
            "Fix the cause, then start the search again: it will try them again."
        )
