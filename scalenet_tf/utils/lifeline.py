"""Child processes that end with their parent, whatever ends it: the parent holds a pipe to their stdin."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STDIN = 0
_VARIABLE = "SCALENET_ENDS_WITH_STDIN"
# Environment variables that make `end_with_parent` work in a child.
LIFELINE = {_VARIABLE: "1"}


@contextmanager
def lifeline() -> Iterator[int]:
    """Yields the stdin for child processes that have to end at the latest when the block does.

    Give such a child the variables `LIFELINE` too; it calls `end_with_parent`. The kernel closes the pipe if
    this process is killed.
    """
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)


def end_with_parent() -> None:
    """Makes this process end when the parent that started it with a lifeline does; else does nothing.

    It is killed, which is safe at any moment: files are written whole or not at all.
    """
    # Removed, since the children of this process have other parents.
    if os.environ.pop(_VARIABLE, None):
        threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    # Not sys.stdin, whose lock would be held when the interpreter ends.
    while os.read(_STDIN, 1024):
        pass
    os.kill(os.getpid(), signal.SIGKILL)
