"""The search's table of goals, measured: what it costs besides scoring, and how fast its parts are.

    python -m benchmarks.search --quick --output search.json
    python -m benchmarks.search --only chief --only workers
    python -m benchmarks.search --only stock --trials 2000

Scores are trivial, so all that is measured is bookkeeping; `stock` runs Keras Tuner's own random search over
the same hyperparameters beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.engine.__main__ import load, measure, show
from scalenet_tf.run.provenance import git_commit, package_versions


class Part(StrEnum):
    """What can be measured alone; processes are forked before the long search fills the memory."""

    draws = "draws"
    counts = "counts"
    chief = "chief"
    workers = "workers"
    bookkeeping = "bookkeeping"
    stock = "stock"


def main(
    quick: Annotated[bool, typer.Option(help="3,000 trials instead of 60,000: about two minutes")] = False,
    only: Annotated[
        list[Part] | None, typer.Option(help="a part of the table; all but stock where not given")
    ] = None,
    stock: Annotated[bool, typer.Option(help="Keras Tuner's own random search too")] = False,
    space: Annotated[str, typer.Option(help="name or YAML file")] = "paper",
    trials: Annotated[int | None, typer.Option(min=2000, help="of the long search; 60,000, or 3,000")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[Path | None, typer.Option(help="JSON; parts that stand in it are kept")] = None,
) -> None:
    """Prints goals and measurements as one table.

    Example: python -m benchmarks.search --quick --output search.json
    """
    settings = {
        "quick": quick,
        "space": space,
        "trials": trials or (3000 if quick else 60_000),
        "seed": seed,
        "git_commit": git_commit(),
        "packages": package_versions(),
    }
    result = load(output, settings)
    wanted = only or [part for part in Part if part is not Part.stock]
    if stock and Part.stock not in wanted:
        wanted = [*wanted, Part.stock]
    measure(measures(settings), wanted, result, output)
    show(result)


def measures(settings: dict[str, Any]) -> dict[Part, Callable[[], list[Any]]]:
    """How each part is measured."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from benchmarks.search.bookkeeping import bookkeeping_rows, stock_rows
    from benchmarks.search.core import count_row, draw_row
    from benchmarks.search.many import chief_row, worker_row

    quick, space, trials, seed = (settings[key] for key in ("quick", "space", "trials", "seed"))
    repeats = 3 if quick else 9
    return {
        Part.draws: lambda: draw_row(space, repeats, seed),
        Part.counts: lambda: count_row(space, repeats, seed),
        Part.chief: lambda: chief_row(space, 500 if quick else 2000, seed),
        Part.workers: lambda: worker_row(space, 50 if quick else 200, 0.1, seed),
        Part.bookkeeping: lambda: bookkeeping_rows(space, trials, seed),
        Part.stock: lambda: stock_rows(space, trials, seed),
    }


if __name__ == "__main__":
    typer.run(main)
