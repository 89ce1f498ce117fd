"""Structured log of the components: one JSON object a line on stdout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any


def log(component: str, event: str, **fields: Any) -> None:
    """Prints a line with the time (ISO 8601, UTC), the component, the event and further fields.

    Example:
      >>> log("pusher", "pushed", destination="models/s0/1")
    """
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    print(json.dumps({"time": time, "component": component, "event": event, **fields}), flush=True)
