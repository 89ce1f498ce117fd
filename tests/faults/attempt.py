"""One attempt: a fault, a command, and whether its answer is right."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from scalenet_tf.cli.main import main

SECONDS = 180  # An attempt that takes longer hangs.

UNAFFECTED, ERROR = "unaffected", "readable error"
TRACEBACK, NAMELESS, OTHER, HANGS = "traceback", "error without the file", "another answer", "hangs"
CRASH = "the process ended"
RIGHT = (UNAFFECTED, ERROR)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    Attributes:
      kind: One of the kinds above.
      text: The error, or the end of the traceback.
    """

    kind: str
    text: str = ""

    @property
    def right(self) -> bool:
        return self.kind in RIGHT


@dataclass(frozen=True)
class Attempt:
    """A fault to try.

    Attributes:
      key: What is tried, the same in every process for the same seed.
      act: Tries it.
    """

    key: str
    act: Callable[[], Outcome]


@dataclass(frozen=True)
class Answer:
    """What a command did.

    Attributes:
      code: Exit code; None if it ended in a traceback.
      out: Its stdout.
      error: Its stderr, or the traceback.
    """

    code: int | None
    out: str
    error: str


class Hangs(BaseException):
    """Raised in an attempt that takes too long."""


def call(*words: str) -> Answer:
    """Calls `scalenet` in this process, as its runner does."""
    out, error = io.StringIO(), io.StringIO()
    argv, handler = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["scalenet", *words]
    code: int | None = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error), _limited():
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        if code in (130, 143):
            raise KeyboardInterrupt from end  # It was meant for all attempts.
    except Exception:
        code = None
        error.write(traceback.format_exc(limit=-4))
    finally:
        sys.argv = argv
        signal.signal(signal.SIGTERM, handler)
    return Answer(code, out.getvalue(), error.getvalue())


def judge(answer: Answer, names: tuple[str, ...], as_before: Callable[[], bool]) -> Outcome:
    """Judges the answer of a command to a fault.

    Args:
      answer: The answer.
      names: Names, of which a readable error has to contain one.
      as_before: Returns whether the command did the same as without the fault.
    """
    if answer.code is None or "Traceback (most recent call last)" in answer.error:
        return Outcome(TRACEBACK, answer.error.strip()[-600:])
    if answer.code == 0:
        return Outcome(UNAFFECTED) if as_before() else Outcome(OTHER, answer.out.strip()[-300:])
    said = answer.error.strip()
    return Outcome(ERROR if any(name in said for name in names) else NAMELESS, said[-600:])


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def attempted(attempt: Attempt) -> Outcome:
    """Tries an attempt; one that hangs is stopped."""
    try:
        return attempt.act()
    except Hangs:
        return Outcome(HANGS, f"stopped after {SECONDS} s")


def shown(path: Path, base: Path) -> str:
    """Returns a path as keys contain it."""
    return path.relative_to(base).as_posix()
