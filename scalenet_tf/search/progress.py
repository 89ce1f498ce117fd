"""The progress display of a running search: round, phase, best scores, speed and time left."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from scalenet_tf.search.time_left import TimeLeft
from scalenet_tf.search.values import SearchProgress
from scalenet_tf.utils.progress import hidden, line_level

logger = logging.getLogger(__name__)

PLAIN_SECONDS = 10.0  # Seconds between lines if there is no terminal.
RATE_SECONDS = 60.0  # Seconds over which trials per second are averaged.


def fraction_done(progress: SearchProgress) -> float:
    """Returns the share of the search's batches that is done, in [0, 1], as if it used all its rounds.

    The confirmation counts by itself, from 0 to 1 again.
    """
    if progress.phase == "finished":
        return 1.0
    if progress.phase == "confirm":
        return progress.confirmed
    per_round = progress.generations + 1
    batches = 1 + progress.rounds * per_round
    before = {
        "start": 0,
        "base": 1 + (progress.round - 1) * per_round + progress.generation - 1,
        "scalings": progress.round * per_round,
    }[progress.phase]
    rungs = progress.rung - 1 + progress.done / max(progress.total, 1)
    return (before + rungs / progress.rungs) / batches


def summary(progress: SearchProgress) -> str:
    """Returns one line: round 2/4 · base 3/8 rung 1/4, 12 of 64 · 340 trials · best S0 0.81 · 40 cached.

    It holds the round, the phase with its generation and rung, the completed evaluations of the batch, the
    trials in all, those that failed, the highest score of each scaling stage, and the number of scores that
    were known already.
    """
    part = f" {progress.generation}/{progress.generations}" if progress.phase == "base" else ""
    part += f" rung {progress.rung}/{progress.rungs}" if progress.rungs > 1 else ""
    part += f", {progress.done} of {progress.total}" if progress.total else ""
    asked = progress.completed + progress.cache_hits
    best = " ".join(f"S{s} {score:.3f}" for s, score in enumerate(progress.best) if score is not None)
    return (
        f"round {progress.round}/{progress.rounds} · {progress.phase}{part} · {progress.completed} trials"
        + (f" · {progress.failed} failed" if progress.failed else "")
        + (f" · best {best}" if best else "")
        + f" · {progress.cache_hits} cached"
        + (f" ({progress.cache_hits / asked:.0%})" if progress.cache_hits else "")
    )


class ProgressDisplay:
    """A live progress bar on a terminal, else one line every ten seconds; a context manager.

    Args:
      console: Console of the bar, or None to show and log nothing.
      stage_macs: Multiply-adds of a network, by scaling stage.
      clock: Function that returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        console: Console | None,
        stage_macs: Sequence[float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._clock = console, clock
        self._bar: Progress | None = None
        self._printed = clock()
        self._left = TimeLeft(stage_macs)
        self._recent: deque[tuple[float, int]] = deque()  # Times in the last minute, with the trials by then.

    def __enter__(self) -> ProgressDisplay:
        if self._console and not hidden(self._console):
            columns = (
                TextColumn("search"),
                BarColumn(16),
                TimeElapsedColumn(),
                # Folds instead of cutting the text off.
                TextColumn("{task.description}", table_column=Column(overflow="fold")),
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("first trial", total=1.0)
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar:
            self._bar.stop()

    def replayed(self, share: float) -> None:
        """Shows the share of an earlier process' journal that has been read, in [0, 1]."""
        now = self._clock()
        text = f"reading its trials back, {share:.0%}"
        if self._bar:
            self._bar.update(self._task, completed=0.0, description=text)
        self._line(text, now)

    def update(self, progress: SearchProgress) -> None:
        """Shows the progress of the search."""
        done, now = fraction_done(progress), self._clock()
        self._recent.append((now, progress.completed))
        while now - self._recent[0][0] > RATE_SECONDS and len(self._recent) > 2:
            self._recent.popleft()
        since, completed = self._recent[0]
        text = summary(progress)
        if now > since:
            text += f" · {(progress.completed - completed) / (now - since):.2f} trials/s"
        training = progress.phase == "confirm"
        left = self._left.of_share(done, now) if training else self._left.update(progress, now)
        if left is not None:
            text += f" · {left}"
            if progress.finalists and not training and progress.phase != "finished":
                text += f", then {progress.finalists} finalists are trained"
        if self._bar:
            self._bar.update(self._task, completed=done, description=text)
        self._line(text, now)

    def _line(self, text: str, now: float) -> None:
        if self._console and now - self._printed >= PLAIN_SECONDS:
            logger.log(line_level(self._console), "search: %s", text)
            self._printed = now
