"""The engine's table of goals, measured: what a super-supernet's step costs beside its subnet's own.

    python -m benchmarks.engine --quick --output engine.json
    python -m benchmarks.engine --only paper --only memory

Both sides run alternately in one process with the same deterministic operations on the same subnet and
batch. The static side is a plain Keras model traced at fixed shapes with Keras' SGD and Nesterov momentum,
without XLA, clipping, weight decay or label smoothing; the dynamic side is the package's own step with all
of these.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.provenance import environment, git_commit, package_versions
from scalenet_tf.utils import files


class Part(StrEnum):
    """What can be measured alone."""

    paper = "paper"
    small = "small"
    first_step = "first_step"
    traces = "traces"
    memory = "memory"
    menu = "menu"
    input_pipeline = "input_pipeline"
    candidates = "candidates"


def main(
    quick: Annotated[bool, typer.Option(help="fewer subnets and pairs: under 15 minutes on 2 cores")] = False,
    only: Annotated[list[Part] | None, typer.Option(help="a part of the table; all where not given")] = None,
    subnets: Annotated[int | None, typer.Option(min=1, help="of each scaling stage; 5, or 1")] = None,
    pairs: Annotated[int | None, typer.Option(min=1, help="alternations for each subnet; 7, or 3")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    deterministic: Annotated[bool, typer.Option(help="deterministic operations, as by default")] = True,
    output: Annotated[Path | None, typer.Option(help="JSON; parts that stand in it are kept")] = None,
) -> None:
    """Prints goals and measurements as one table.

    Example: python -m benchmarks.engine --quick --output engine.json
    """
    settings = {
        "quick": quick,
        "subnets": subnets or (1 if quick else 5),
        "pairs": pairs or (3 if quick else 7),
        "seed": seed,
        "deterministic": deterministic,
        "git_commit": git_commit(),
        "packages": package_versions(),
    }
    result = load(output, settings)
    measure(measures(settings), only or list(Part), result, output)
    show(result)


def load(output: Path | None, settings: dict[str, Any]) -> dict[str, Any]:
    """What an earlier call with the same settings has measured already."""
    if output is None or not output.is_file():
        return {"schema": 1, "settings": settings, "parts": {}}
    found = files.read_json(output)
    if found.get("settings") != settings:
        raise ScaleNetError(
            "`--output` must be a new file, or one of the same settings, versions and commit. Received: "
            f"{output}, measured with {found.get('settings')}. Give another file."
        )
    return found


def measure(
    parts: Mapping[Any, Callable[[], list[Any]]],
    wanted: Sequence[StrEnum],
    result: dict[str, Any],
    output: Path | None,
) -> None:
    """Adds the wanted parts that `result` lacks, one by one; each is written as soon as it is measured."""
    for part in wanted:
        if part.value in result["parts"]:
            continue
        begun = time.monotonic()
        rows = [row.to_json() for row in parts[part]()]
        result["parts"][part.value] = {"rows": rows, "environment": environment(time.monotonic() - begun)}
        if output:
            files.write_json(output, result)


def measures(settings: dict[str, Any]) -> dict[Part, Callable[[], list[Any]]]:
    """How each part is measured."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from benchmarks.engine.candidates import candidate_row
    from benchmarks.engine.doubled_menu import doubled_menu_row
    from benchmarks.engine.fed_step import fed_step_row
    from benchmarks.engine.processes import first_step_row, memory_row
    from benchmarks.engine.ratios import ratio_rows
    from benchmarks.engine.traces import trace_row
    from scalenet_tf.utils import tf_setup

    deterministic, seed, quick = settings["deterministic"], settings["seed"], settings["quick"]
    tf_setup.setup(fast=not deterministic)
    each, pairs = settings["subnets"], settings["pairs"]
    return {
        Part.paper: lambda: ratio_rows("paper", 8, (1.05, 1.10), each, pairs, seed),
        Part.small: lambda: ratio_rows("small", 128, (1.30, 1.30), max(each, 2), 2 * pairs, seed),
        Part.first_step: lambda: first_step_row("paper", 8, seed, deterministic),
        Part.traces: lambda: trace_row("small" if quick else "paper", seed),
        Part.memory: lambda: memory_row("paper", 8, 1 if quick else 3, seed, deterministic),
        Part.menu: lambda: doubled_menu_row("paper", 8, pairs, seed),
        Part.input_pipeline: lambda: fed_step_row(5 if quick else 20, seed),
        Part.candidates: lambda: candidate_row(5 if quick else 20, seed),
    }


def show(result: dict[str, Any]) -> None:
    """Prints the table."""
    table = Table("what", "goal", "measured", "reached", "note")
    for part in result["parts"].values():
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


if __name__ == "__main__":
    typer.run(main)
