"""Command-line options that several benchmarks share, and how a benchmark is started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from scalenet_tf.errors import ScaleNetError

Space = Annotated[str, typer.Option(help="Search space: paper, medium, small or a YAML file.")]
Stage = Annotated[int, typer.Option(min=0, help="Scaling stage of the subnet.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Images per step.")]
Pairs = Annotated[int, typer.Option(min=1, help="How often the sides take turns.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the random subnets.")]
OptionalOutput = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Also write the results to this JSON file.")
]
Output = Annotated[Path, typer.Option(metavar="FILE", help="JSON file of the results.")]
ContinuedOutput = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="JSON file of the results; parts in it are not measured again."),
]


def run_script(main: Callable[..., None]) -> None:
    """Runs a command line; an error that a user can fix ends it with one line and exit code 1.

    Args:
      main: Function whose arguments are the options.
    """
    try:
        typer.run(main)
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
