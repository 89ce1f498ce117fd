"""Structured log of the components and of the library below them: one JSON object per line on stdout."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from scalenet_tf.utils.log import ROOT, StandardStreams, hide_advice, install

T = TypeVar("T")
# Cloud Logging's names of severities, which Vertex AI lists lines by; Python's levels are called the same.
Severity = Literal["INFO", "WARNING", "ERROR"]
_COMPONENTS = "components"
_SECONDS = 5.0


class JsonLines(logging.Formatter):
    """A record as a JSON object: time (ISO 8601, UTC), severity, and what was logged.

    A component's record has `component`, `event` and its own fields, the library's `logger` and `message`.
    """

    def format(self, record: logging.LogRecord) -> str:
        time_utc = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"time": time_utc, "severity": record.levelname}
        root, _, component = record.name.partition(".")
        if root == _COMPONENTS:
            line |= {"component": component, "event": record.getMessage(), **getattr(record, "fields", {})}
        else:
            line |= {"logger": record.name, "message": super().format(record)}
        return json.dumps(line)


def log(component: str, event: str, severity: Severity = "INFO", **fields: Any) -> None:
    """Logs an event of a component; the first call sets up the log of the process.

    Args:
      component: Name of the component.
      event: Short name of the event, such as "pushed".
      severity: "INFO", "WARNING" or "ERROR".
      **fields: Further JSON values of the line.

    Example:
      >>> log("pusher", "pushed", destination="models/s0/1")
    """
    set_up()
    logger = logging.getLogger(f"{_COMPONENTS}.{component}")
    logger.log(getattr(logging, severity), event, extra={"fields": fields})


def set_up() -> None:
    """Gives components and library one handler, which writes to stdout; again, it changes nothing."""
    hide_advice(logging.INFO)
    if any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger(ROOT).handlers):
        return
    # KFP passes on both streams of a task as one: the severity is in the line.
    handler = StandardStreams("stdout", "stdout")
    handler.setFormatter(JsonLines())
    for name in (ROOT, _COMPONENTS):
        install(handler, logging.INFO, name=name)


def logged(component: str, items: Iterable[T], total: int, **fields: Any) -> Iterator[T]:
    """Yields the items, and logs every five seconds how many are done and the seconds left.

    Args:
      component: Name of the component.
      items: Items to count.
      total: Number of items.
      **fields: Further JSON values of each line.
    """
    begun = said = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - said > _SECONDS:
            left = (now - begun) / done * (total - done)
            log(component, "progress", done=done, total=total, seconds_left=round(left), **fields)
            said = now
