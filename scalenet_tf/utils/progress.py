"""Progress bars, which are hidden without a terminal or if the library logs only warnings."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn, track

from scalenet_tf.utils.formatting import time_left
from scalenet_tf.utils.log import bars_wanted, plain_stream

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
LINE_SECONDS = 5.0  # between two lines without a terminal
STEP_LINE_SECONDS = 10.0  # between two lines of a training, which has others too


class Pace:
    """Spaces the lines of a log: one is due some seconds after the last one.

    Args:
      seconds: Seconds between two lines.
      clock: Function that returns the seconds of a monotonic clock.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self.restart()

    def restart(self) -> None:
        """Begins to wait anew: a line has been logged."""
        self._last = self._clock()

    def is_due(self) -> bool:
        """Whether a line is due; if so, begins to wait for the next one."""
        due = self._clock() - self._last >= self._seconds
        if due:
            self.restart()
        return due


def bar_console(*, stderr: bool | None = None) -> Console:
    """Returns the console of progress bars.

    Variables that force colours, such as FORCE_COLOR, do not make a file or a pipe a terminal.

    Args:
      stderr: Whether it is stderr. Default: for a command whose stdout holds its result.
    """
    if stderr is None:
        stderr = plain_stream() == "stderr"
    isatty = getattr(sys.stderr if stderr else sys.stdout, "isatty", None)
    return Console(stderr=stderr, force_terminal=None if isatty and isatty() else False)


def hidden(console: Console) -> bool:
    """Whether no bar is shown on `console`: it is no terminal, or none is wanted."""
    return not (console.is_terminal and bars_wanted())


def line_level(console: Console) -> int:
    """The level of lines that say what a bar shows: INFO without a bar, DEBUG beside one."""
    return logging.INFO if hidden(console) else logging.DEBUG


def step_bar(console: Console) -> Progress:
    """Returns a bar of steps done, time left and latest results; its tasks have a field `results`."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("steps, left:"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[results]}"),
        console=console,
        disable=hidden(console),
    )


def tracked(items: Iterable[Item], title: str, total: int | None = None) -> Iterable[Item]:
    """Yields the items while a bar on stderr counts them; a program may read stdout.

    Args:
      items: Items to count.
      title: Text before the bar.
      total: Number of items, if `items` has no length.
    """
    console = bar_console(stderr=True)
    return track(items, title, total, console=console, transient=True, disable=hidden(console))


def reported(items: Iterable[Item], title: str, total: int) -> Iterator[Item]:
    """Yields the items while a bar counts them; without a terminal, a line every five seconds does.

    Args:
      items: Items to count.
      title: Text before the bar, and of each line.
      total: Number of items.
    """
    console, begun, pace = bar_console(stderr=True), time.monotonic(), Pace(LINE_SECONDS)
    for done, item in enumerate(tracked(items, title, total)):
        if pace.is_due():
            left = (time.monotonic() - begun) * (total - done) / done if done else 0
            logger.log(line_level(console), f"{title}: {done / total:.0%}, {time_left(left)}")
        yield item


def spinner(title: str) -> AbstractContextManager[object]:
    """Shows `title` with a spinner on stdout while the work inside lasts."""
    console = bar_console()
    return nullcontext() if hidden(console) else console.status(title)
