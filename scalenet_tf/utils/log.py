"""Log lines of the library: plain lines on the standard streams, for whoever asks for them.

Every module logs to a logger named after itself, below `scalenet_tf`. Nothing is set up at import: a program
that configures `logging` gets the records, one that does not sees warnings alone.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from scalenet_tf.utils.printable import write_line

ROOT = "scalenet_tf"
Stream = Literal["stdout", "stderr"]
_bars = ContextVar("bars", default=True)


class StandardStreams(logging.Handler):
    """Writes each record as a line, to stdout or stderr by its level.

    The streams are looked up for each record, because a progress bar replaces them while it is shown. An
    error of writing, such as a closed pipe, is raised: it ends the program, as it does for `print`.

    Args:
      plain: Name of the stream for records below WARNING, "stdout" or "stderr".
      warnings: Name of the stream for warnings and errors.
    """

    def __init__(self, plain: Stream = "stdout", warnings: Stream = "stderr") -> None:
        super().__init__()
        self.plain, self._warnings = plain, warnings

    def emit(self, record: logging.LogRecord) -> None:
        stream = getattr(sys, self._warnings if record.levelno >= logging.WARNING else self.plain)
        write_line(self.format(record), stream)


def plain_stream() -> Stream:
    """Returns the stream that log lines below WARNING go to, which is also that of progress bars."""
    handlers = logging.getLogger(ROOT).handlers
    return next((one.plain for one in handlers if isinstance(one, StandardStreams)), "stdout")


def enable_logging(level: int | str = "INFO", *, stderr: bool = False) -> None:
    """Shows the library's log lines as the command line does: plain text, without times and names.

    Calling it again replaces the earlier setting. Handlers of the root logger no longer receive the library's
    records; a program with its own set-up of `logging` does not need this function.

    Args:
      level: The least severe level that is shown: "DEBUG", "INFO", "WARNING", or a number of `logging`.
        Above "INFO" progress bars are hidden too.
      stderr: Write everything to stderr. By default only warnings and errors go there.

    Raises:
      ValueError: If `level` is not a level of `logging`.

    Example:
      >>> sn.enable_logging()
      >>> steps.train(run)
      super-supernet: step 100/4000, loss 2.105, s0 24% s1 25% s2 23%, 812 images/s, about 5 min 15 s left
    """
    install(StandardStreams("stderr" if stderr else "stdout"), level)


@contextmanager
def silent() -> Iterator[None]:
    """Shows no bars and only warnings and errors while the block runs; other handlers get every record."""
    ours = [one for one in logging.getLogger(ROOT).handlers if isinstance(one, StandardStreams)]
    levels = [handler.level for handler in ours]
    token = _bars.set(False)
    for handler in ours:
        handler.setLevel(max(handler.level, logging.WARNING))
    try:
        yield
    finally:
        _bars.reset(token)
        for handler, level in zip(ours, levels, strict=True):
            handler.setLevel(level)


def bars_wanted() -> bool:
    """Whether progress bars may be shown: not in a `silent` block, nor above the level INFO."""
    return _bars.get() and logging.getLogger(ROOT).level <= logging.INFO


def install(handler: logging.Handler, level: int | str, *, name: str = ROOT) -> None:
    """Makes `handler` the only one of a logger, whose records then go nowhere else.

    Args:
      handler: The handler.
      level: The least severe level that is logged.
      name: The logger; by default the library's.
    """
    logger = logging.getLogger(name)
    logger.setLevel(level)
    logger.handlers[:] = [handler]
    logger.propagate = False


def hide_advice(level: int) -> None:
    """Hides the advice of TensorFlow's Python side in a process of ours, such as that on retracing.

    Every network of a family traces its own functions, which TensorFlow takes for one that is traced too
    often. It stays where debugging details are logged, and if TF_CPP_MIN_LOG_LEVEL is 0 or 1. Loads no
    TensorFlow.

    Args:
      level: Level that the process logs at.
    """
    if level > logging.DEBUG and os.environ.get("TF_CPP_MIN_LOG_LEVEL") not in ("0", "1"):
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
