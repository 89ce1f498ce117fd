"""What a user sees of a running search: round, phase, the best of each stage, speed, time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from scalenet_tf.search import values

PLAIN_SECONDS = 10.0  # between lines where there is no terminal


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
    return (before + progress.done / max(progress.total, 1)) / batches


def summary(progress: values.Progress) -> str:
    """One line, such as: round 2/4 · base 3/8 · best S0 0.812 S1 0.830 · 7 cached."""
    part = f" {progress.generation}/{progress.generations}" if progress.phase == "base" else ""
    best = " ".join(f"S{s} {score:.3f}" for s, score in enumerate(progress.best) if score is not None)
    return (
        f"round {progress.round}/{progress.rounds} · {progress.phase}{part} · {progress.told} trials"
        + (f" · best {best}" if best else "")
        + f" · {progress.cache_hits} cached"
    )


class SearchProgress:
    """A live bar on a terminal, else a line every ten seconds; a context manager.

    Args:
      console: Where to write; None for silence.
      clock: Seconds of a clock that never goes back.
    """

    def __init__(self, console: Console | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._bar: Progress | None = None
        self._begun = self._printed = clock()
        self._first: tuple[int, float] | None = None  # trials and fraction that an earlier process did

    def __enter__(self) -> SearchProgress:
        if self._console and self._console.is_terminal:
            columns = (
                TextColumn("search"),
                BarColumn(16),
                TimeElapsedColumn(),
                TextColumn("{task.description}"),
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
        elif self._console and now - self._printed >= PLAIN_SECONDS:
            self._console.print(f"search: {text}", highlight=False)
            self._printed = now

    def update(self, progress: values.Progress) -> None:
        """Shows `progress`."""
        done, now = fraction_done(progress), self._clock()
        if self._first is None:
            # Measured from the first result on: it holds the tracing, and a resume begins in the middle.
            self._first, self._begun = (progress.told, done), now
        trials, share = progress.told - self._first[0], done - self._first[1]
        text = summary(progress)
        if trials and now > self._begun:
            text += f" · {trials / (now - self._begun):.2f} trials/s"
        if share > 0:
            left = (now - self._begun) * (1 - done) / share
            text += f" · at most {int(left) // 60}:{int(left) % 60:02d} left"
        if self._bar:
            self._bar.update(self._task, completed=done, description=text)
        elif self._console and now - self._printed >= PLAIN_SECONDS:
            self._console.print(f"search: {text}", highlight=False, soft_wrap=True)
            self._printed = now
