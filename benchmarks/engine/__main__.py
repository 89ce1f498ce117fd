"""The goals of the engine: what a training step of the super-supernet costs, compared with one of its subnet.

    python -m benchmarks.engine --quick --output engine.json
    python -m benchmarks.engine --only paper --only memory

Two sides take turns in one process, with the same deterministic operations, subnet and batch. The static side
is a plain Keras model of the subnet, traced at fixed shapes, with Keras' SGD and Nesterov momentum, without
XLA, clipping, weight decay or label smoothing. The dynamic side is the step of the super-supernet, with all
of these.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from benchmarks.common.goals import load, measure, show
from benchmarks.common.options import ContinuedOutput, Seed, run_script
from benchmarks.common.row import Row
from scalenet_tf.run.provenance import git_commit, package_versions


class Part(StrEnum):
    """The parts of the table."""

    paper = "paper"
    small = "small"
    first_step = "first_step"
    traces = "traces"
    memory = "memory"
    menu = "menu"
    input_pipeline = "input_pipeline"
    candidates = "candidates"


def main(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer subnets and pairs: less than 15 minutes on 2 cores.")
    ] = False,
    only: Annotated[
        list[Part] | None, typer.Option(help="A part of the table; repeatable. Default: all.")
    ] = None,
    subnets: Annotated[
        int | None, typer.Option(min=1, help="Subnets per scaling stage. Default: 5; with --quick, 1.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(min=1, help="How often the sides take turns. Default: 7; with --quick, 3.")
    ] = None,
    seed: Seed = 0,
    deterministic: Annotated[
        bool, typer.Option(help="Deterministic operations, the product's default.")
    ] = True,
    output: ContinuedOutput = None,
) -> None:
    """Print goals and measurements as one table.

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
    results = load(output, settings)
    measure(measures(settings), only or list(Part), results, output)
    show(results)


def measures(settings: dict[str, Any]) -> dict[Part, Callable[[], list[Row]]]:
    """The functions that measure the parts."""
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


if __name__ == "__main__":
    run_script(main)
