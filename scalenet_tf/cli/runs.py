"""`scalenet runs`: the runs below a folder, and how far each of them is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.utils.formatting import MISSING

if TYPE_CHECKING:
    from scalenet_tf.cli.fitted import FittedTable
    from scalenet_tf.run.listing import RunSummary


def register(app: typer.Typer) -> None:
    """Adds the command `runs` to `app`."""
    app.command(epilog="Example: scalenet runs experiments --json", rich_help_panel="Inspect")(runs)


def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of runs, at most four levels above them.")
    ] = Path("runs"),
    json: JsonOption = False,
) -> None:
    """List the runs below a folder: how far each one is, its accuracies, and who works on it."""
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.run.listing import list_runs

    found = list_runs(folder)
    if json:
        write_result("runs", found)
    elif found:
        console().print(runs_table(found))
    else:
        console().print(f"no runs below {folder}. Start one with: scalenet run --run DIR --config quickstart")


def runs_table(found: list[RunSummary]) -> FittedTable:
    """Returns runs as a table."""
    from scalenet_tf.cli.fitted import Column, FittedTable
    from scalenet_tf.cli.tables import numbers
    from scalenet_tf.utils.printable import one_line

    columns = [
        Column("run", [one_line(str(run.path)) for run in found]),
        Column("state", [run.state for run in found]),
        Column("test accuracy", [_accuracies(run.test_accuracy) for run in found]),
        Column("changed", [_local(run.changed) for run in found], 2),
        Column("in use by", ["\n".join(run.processes) or MISSING for run in found], 1),
        Column("images from", [one_line(run.source or MISSING) for run in found], 3),
        numbers("images", [MISSING if run.images is None else f"{run.images:,}" for run in found], 4),
        Column("space", [one_line(run.space or MISSING) for run in found], 5),
        numbers("seed", [MISSING if run.seed is None else str(run.seed) for run in found], 6),
    ]
    return FittedTable(columns, notes=["Test accuracy: of the trained members, the smallest one first."])


def _accuracies(by_member: dict[str, float]) -> str:
    if not by_member:
        return MISSING
    names = sorted(by_member, key=lambda name: int(name[1:]))
    first, last = names[0].upper(), names[-1].upper()
    shown = f"{first} {by_member[names[0]]:.1%}"
    return shown if first == last else f"{shown} … {last} {by_member[names[-1]]:.1%}"


def _local(changed: str) -> str:
    return f"{datetime.fromisoformat(changed).astimezone():%Y-%m-%d %H:%M}"
