"""A table of goals: measured part by part, kept in a JSON file, printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.common.row import Row
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.provenance import environment
from scalenet_tf.utils import files


def load(output: Path | None, settings: dict[str, Any]) -> dict[str, Any]:
    """The results that an earlier call has written, if its settings were the same.

    Args:
      output: File of the results. None: there are none.
      settings: JSON object of the settings, with versions and commit.

    Raises:
      ScaleNetError: If the file has other settings.
    """
    if output is None or not output.is_file():
        return {"schema": 1, "settings": settings, "parts": {}}
    found: dict[str, Any] = files.read_json(output)
    if found.get("settings") != settings:
        raise ScaleNetError(
            "`--output` must be a new file, or one of the same settings, versions and commit. Received: "
            f"{output}, measured with {found.get('settings')}. Give another file."
        )
    return found


def measure(
    parts: Mapping[Any, Callable[[], list[Row]]],
    wanted: Sequence[StrEnum],
    results: dict[str, Any],
    output: Path | None,
) -> None:
    """Measures the wanted parts that `results` lacks.

    Args:
      parts: How each part is measured.
      wanted: The parts to measure.
      results: The results, to which the parts are added.
      output: File that is written after each part. None: no file.
    """
    for part in wanted:
        if part.value in results["parts"]:
            continue
        begun = time.monotonic()
        rows = [row.to_json() for row in parts[part]()]
        results["parts"][part.value] = {"rows": rows, "environment": environment(time.monotonic() - begun)}
        if output:
            files.write_json(output, results)


def show(results: dict[str, Any]) -> None:
    """Prints results as a table."""
    table = Table("what", "goal", "measured", "reached", "note")
    for part in results["parts"].values():
        for row in part["rows"]:
            unit = f" {row['unit']}" if row["unit"] else ""
            at_least = row.get("at_least", False)
            reached = row["measured"] >= row["goal"] if at_least else row["measured"] <= row["goal"]
            number = ",.0f" if row["measured"] >= 1000 else ".3g"
            table.add_row(
                row["what"],
                f"{'≥' if at_least else '≤'} {row['goal']:,g}{unit}",
                f"{row['measured']:{number}}{unit}",
                "yes" if reached else "no",
                row["note"],
            )
    Console().print(table)
