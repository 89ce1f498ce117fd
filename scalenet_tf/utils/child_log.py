"""Log records of a child process, logged again by its parent with the same level and logger."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterable
from typing import IO

from scalenet_tf.utils.log import ROOT, StandardStreams, hide_advice, install

# Tells a record from what others print, such as TensorFlow's C++.
_MARK = "scalenet-log "


class _AsJson(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        value = {"logger": record.name, "level": record.levelno, "text": super().format(record)}
        return f"{_MARK}{json.dumps(value)}"


def child_level() -> str:
    """The level that a child is to log at, as an argument of its command: this process' own."""
    return str(logging.getLogger(ROOT).getEffectiveLevel())


def set_up_child(level: str) -> None:
    """Logs in a child process: plain lines on a terminal that it shares with its parent, else for `relay`.

    Args:
      level: Value of `child_level` in the parent.
    """
    shared = sys.stdout.isatty()
    handler = StandardStreams("stdout", "stderr" if shared else "stdout")
    handler.setLevel(int(level))
    if not shared:
        handler.setFormatter(_AsJson())
    # Only a logger's own level above INFO hides bars, and then the parent shares no terminal.
    install(handler, min(int(level), logging.INFO))
    hide_advice(int(level))


def relay(lines: Iterable[str], logger: logging.Logger) -> None:
    """Logs what a child prints, line by line.

    Args:
      lines: The child's stdout.
      logger: Takes, as INFO, lines that are no records.
    """
    for line in lines:
        text = line.rstrip("\n")
        if text.startswith(_MARK):
            record = json.loads(text.removeprefix(_MARK))
            logging.getLogger(record["logger"]).log(record["level"], "%s", record["text"])
        else:
            logger.info("%s", text)


def start_relay(output: IO[str], logger: logging.Logger) -> threading.Thread:
    """Relays a child's stdout in a thread, which ends with the child and closes the pipe.

    Args:
      output: The child's stdout.
      logger: Logger to pass to `relay`.
    """

    def run() -> None:
        with output:
            relay(output, logger)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
