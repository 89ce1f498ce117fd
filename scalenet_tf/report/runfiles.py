"""The files of a run, as far as they are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scalenet_tf.files import read_json


def json_if_there(path: Path) -> dict[str, Any] | None:
    """A JSON file's value, or None where there is none yet."""
    return read_json(path) if path.is_file() else None


def rows_if_there(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON-lines log; a last line torn by a kill is left out."""
    if not path.is_file():
        return []
    rows = []
    for line in path.read_text("utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return rows
