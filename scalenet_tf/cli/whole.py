"""`scalenet run`: the main job, whole."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.interrupt import resumable
from scalenet_tf.quiet import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.run import Run


def register(app: typer.Typer) -> None:
    """Adds run to `app`."""
    app.command(
        epilog="Example: scalenet run --config quickstart --run runs/mine --data folder:photos --seed 1",
        rich_help_panel="The main job",
    )(run)


@options.begins_run
def run(run: Run) -> None:
    """Do the whole main job, or what is left of it, and print the family.

    A run that was interrupted goes on where it stopped; a finished one prints its table again.
    """
    from scalenet_tf.cli.tables import print_outcome
    from scalenet_tf.steps import STEPS

    plan = run.config.plan.model_dump()
    with resumable(run.command("run")):
        load_tensorflow()
        for number, step in enumerate(STEPS, start=1):
            planned = plan[step.name]
            budget = f", planned {planned} s" if planned else ""
            typer.echo(f"== {number}/{len(STEPS)} {step.title}{budget}")
            begun = time.monotonic()
            step.act(run)
            typer.echo(f"== {number}/{len(STEPS)} {step.title}: {time.monotonic() - begun:.1f} s")
    print_outcome(run)
