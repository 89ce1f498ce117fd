"""What a user sees of a running search: round, phase, the best of each stage, speed, time left."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column

from scalenet_tf.search import values
from scalenet_tf.utils.progress import hidden, line_level

logger = logging.getLogger(__name__)

PLAIN_SECONDS = 10.0  # between lines where there is no terminal
RATE_SECONDS = 60.0  # over which trials a second are taken


def fraction_done(progress: values.Progress) -> float:
    """The share of the search's batches that is over, were it to use all its rounds: in [0, 1]."""
    if progress.phase == "finished":
        return 1.0
    per_round = progress.generations + 1
    batches = 1 + progress.rounds * per_round
    before = {
        "start": 0,
        "base": 1 + (progress.round - 1) * per_round + progress.generation - 1,
        "scalings": progress.round * per_round,
    }[progress.phase]
    heats = progress.heat - 1 + progress.done / max(progress.total, 1)
    return (before + heats / progress.heats) / batches


def summary(progress: values.Progress) -> str:
    """One line: round 2/4 · base 3/8 heat 1/4, 12 of 64 · 340 trials · best S0 0.81 S1 0.8 · 40 cached (11%).

    Round and phase with the generation and its part, how much of this batch is scored, trials in all, the
    highest score of each scaling stage, and how many scores were known already.
    """
    part = f" {progress.generation}/{progress.generations}" if progress.phase == "base" else ""
    part += f" heat {progress.heat}/{progress.heats}" if progress.heats > 1 else ""
    part += f", {progress.done} of {progress.total}" if progress.total else ""
    asked = progress.told + progress.cache_hits
    best = " ".join(f"S{s} {score:.3f}" for s, score in enumerate(progress.best) if score is not None)
    return (
        f"round {progress.round}/{progress.rounds} · {progress.phase}{part} · {progress.told} trials"
        + (f" · best {best}" if best else "")
        + f" · {progress.cache_hits} cached"
        + (f" ({progress.cache_hits / asked:.0%})" if progress.cache_hits else "")
    )


def duration(seconds: float) -> str:
    """Seconds as 1:05, or 2:01:05 from an hour on."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class SearchProgress:
    """A live bar on a terminal, else a line every ten seconds; a context manager.

    Args:
      console: The terminal of the bar; None to show and log nothing.
      clock: Seconds of a clock that never goes back.
    """

    def __init__(self, console: Console | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._bar: Progress | None = None
        self._begun = self._printed = clock()
        self._share: float | None = None  # what an earlier process did
        self._told: deque[tuple[float, int]] = deque()  # of the last minute: when, and trials by then

    def __enter__(self) -> SearchProgress:
        if self._console and not hidden(self._console):
            columns = (
                TextColumn("search"),
                BarColumn(16),
                TimeElapsedColumn(),
                TextColumn("{task.description}", table_column=Column(overflow="fold")),  # never cut
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("first trial", total=1.0)
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar:
            self._bar.stop()

    def replayed(self, share: float) -> None:
        """Shows how much of an earlier process' journal is read, in [0, 1]."""
        now = self._clock()
        text = f"reading its trials back, {share:.0%}"
        if self._bar:
            self._bar.update(self._task, completed=0.0, description=text)
        self._line(text, now)

    def update(self, progress: values.Progress) -> None:
        """Shows `progress`."""
        done, now = fraction_done(progress), self._clock()
        if self._share is None:
            # Measured from the first result on: it holds the tracing, and a resume begins in the middle.
            self._share, self._begun = done, now
        self._told.append((now, progress.told))
        while now - self._told[0][0] > RATE_SECONDS and len(self._told) > 2:
            self._told.popleft()
        (since, told), share = self._told[0], done - self._share
        text = summary(progress)
        if now > since:
            text += f" · {(progress.told - told) / (now - since):.2f} trials/s"
        if share > 0:
            # At most: later rounds find more and more scores in the cache, and the chain may settle.
            text += f" · at most {duration((now - self._begun) * (1 - done) / share)} left"
        if self._bar:
            self._bar.update(self._task, completed=done, description=text)
        self._line(text, now)

    def _line(self, text: str, now: float) -> None:
        if self._console and now - self._printed >= PLAIN_SECONDS:
            logger.log(line_level(self._console), "search: %s", text)
            self._printed = now
