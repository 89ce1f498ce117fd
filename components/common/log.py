"""Structured log of the components: one JSON object a line on stdout."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

T = TypeVar("T")
# By Cloud Logging's names, which lists Vertex' lines by them.
Severity = Literal["INFO", "WARNING", "ERROR"]
_SECONDS = 5.0


def log(component: str, event: str, severity: Severity = "INFO", **fields: Any) -> None:
    """Prints a line with the time (ISO 8601, UTC), severity, component, event and further fields.

    Example:
      >>> log("pusher", "pushed", destination="models/s0/1")
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = {"time": now, "severity": severity, "component": component, "event": event, **fields}
    print(json.dumps(line), flush=True)


def logged(component: str, items: Iterable[T], total: int, **fields: Any) -> Iterator[T]:
    """The same items; every five seconds a line says how many are done, and the seconds left."""
    begun = said = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - said > _SECONDS:
            left = (now - begun) / done * (total - done)
            log(component, "progress", done=done, total=total, seconds_left=round(left), **fields)
            said = now
