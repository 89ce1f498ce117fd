"""What a user sees of the measuring: how much there is, what is done, the time left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from rich.console import Console

from scalenet_tf.utils.progress import line_level, step_bar

logger = logging.getLogger(__name__)

PLAIN_SECONDS = 10.0  # between lines where there is no terminal
NETWORK_WORK = 4  # a network is built and timed in the time of so many blocks, about


class MeasuringProgress:
    """A bar on a terminal, else a line every ten seconds, the first one after the first blocks.

    Args:
      console: The terminal of the bar; None to show and log nothing.
      clock: Seconds of a clock that never goes back.
    """

    def __init__(self, console: Console | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._bar = step_bar(console) if console else None

    def begin(self, wanted: int, blocks: int, networks: int) -> None:
        """Says what is wanted, and how many blocks and networks of it are left to be measured."""
        self._blocks, self._networks = blocks, networks
        self._work = blocks + NETWORK_WORK * networks
        self._begun, self._printed = self._clock(), float("-inf")
        if self._console and self._bar:
            logger.info(
                f"latency: {wanted:,} different blocks, {blocks:,} of them and {networks} whole networks to "
                "be measured; the same command goes on after an interruption"
            )
            self._task = self._bar.add_task("measuring", total=self._work, results="")
            self._bar.start()

    def left(self, blocks: int, networks: int) -> None:
        """Shows that so many blocks and networks are left."""
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
        """Takes the bar away."""
        if self._bar:
            self._bar.stop()
