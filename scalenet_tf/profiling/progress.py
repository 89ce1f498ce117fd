"""Progress of a measurement: the total, the number done, and the time left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from rich.console import Console

from scalenet_tf.utils.progress import line_level, step_bar

logger = logging.getLogger(__name__)

PLAIN_SECONDS = 10.0  # seconds between two lines without a terminal
NETWORK_WORK = 4  # number of blocks that take about as long as one network


class MeasuringProgress:
    """Shows a bar on a terminal, otherwise a line every ten seconds.

    Args:
      console: Terminal of the bar; None to show and log nothing.
      clock: Returns monotonic seconds.
    """

    def __init__(self, console: Console | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._bar = step_bar(console) if console else None

    def begin(self, wanted: int, blocks: int, networks: int) -> None:
        """Prints the amount of work.

        Args:
          wanted: Number of all blocks.
          blocks: Number of blocks that are not measured yet.
          networks: Number of networks that are not measured yet.
        """
        self._blocks, self._networks = blocks, networks
        self._work = blocks + NETWORK_WORK * networks
        self._begun, self._printed = self._clock(), float("-inf")
        if self._console and self._bar:
            logger.info(
                f"latency: {wanted:,} different blocks, {blocks:,} of them and {networks} whole networks to "
                "be measured; the same command continues after an interruption"
            )
            self._task = self._bar.add_task("measuring", total=self._work, results="")
            self._bar.start()

    def left(self, blocks: int, networks: int) -> None:
        """Updates the numbers of blocks and networks that are left."""
        work = blocks + NETWORK_WORK * networks
        done, now = self._work - work, self._clock()
        if self._bar:
            self._bar.update(self._task, completed=done)
        if self._console and done and now - self._printed >= PLAIN_SECONDS:
            left = (now - self._begun) * work / done
            logger.log(
                line_level(self._console),
                f"latency: {self._blocks - blocks:,} of {self._blocks:,} blocks, "
                f"{self._networks - networks} of {self._networks} networks, about "
                f"{int(left) // 60}:{int(left) % 60:02d} left",
            )
            self._printed = now

    def end(self) -> None:
        """Removes the bar."""
        if self._bar:
            self._bar.stop()
