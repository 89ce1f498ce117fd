"""The goals of the search: what it costs besides scoring, and how fast its parts are.

    python -m benchmarks.search --quick --output search.json
    python -m benchmarks.search --only chief --only workers
    python -m benchmarks.search --only stock --trials 2000

Scores are trivial, so only the bookkeeping is measured. `stock` measures Keras Tuner's own random search over
the same hyperparameters for comparison.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from benchmarks.common.goals import load, measure, show
from benchmarks.common.options import ContinuedOutput, Seed, Space, run_script
from benchmarks.common.row import Row
from scalenet_tf.run.provenance import git_commit, package_versions


class Part(StrEnum):
    """The parts of the table. Processes are forked before the long search fills the memory."""

    draws = "draws"
    counts = "counts"
    chief = "chief"
    workers = "workers"
    bookkeeping = "bookkeeping"
    stock = "stock"


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="3,000 trials, not 60,000: about two minutes.")
    ] = False,
    only: Annotated[
        list[Part] | None, typer.Option(help="A part of the table; repeatable. Default: all but stock.")
    ] = None,
    stock: Annotated[bool, typer.Option("--stock", help="Also Keras Tuner's own random search.")] = False,
    space: Space = "paper",
    trials: Annotated[
        int | None,
        typer.Option(min=2000, help="Trials of the long search. Default: 60,000; with --quick, 3,000."),
    ] = None,
    seed: Seed = 0,
    output: ContinuedOutput = None,
) -> None:
    """Print goals and measurements as one table.

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
    results = load(output, settings)
    wanted = only or [part for part in Part if part is not Part.stock]
    if stock and Part.stock not in wanted:
        wanted = [*wanted, Part.stock]
    measure(measures(settings), wanted, results, output)
    show(results)


def measures(settings: dict[str, Any]) -> dict[Part, Callable[[], list[Row]]]:
    """The functions that measure the parts."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from benchmarks.search.bookkeeping import bookkeeping_rows, stock_rows
    from benchmarks.search.core import count_row, draw_row
    from benchmarks.search.workers import chief_row, worker_row

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
    run_script(main)
