"""`scalenet run`: the main job, whole."""

from __future__ import annotations

import time

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.interrupt import resumable
from scalenet_tf.quiet import load_tensorflow


def register(app: typer.Typer) -> None:
    """Adds run to `app`."""
    app.command(
        epilog="Example: scalenet run --config quickstart --run runs/mine --data folder:photos --seed 1",
        rich_help_panel="The main job",
    )(run)


def run(
    run: options.RunOption,
    config: options.ConfigOption = None,
    set: options.SetOption = None,
    data: options.DataOption = None,
    seed: options.SeedOption = None,
    fast: options.FastOption = False,
    strategy: options.StrategyOption = None,
    tpu: options.TpuOption = None,
) -> None:
    """Do the whole main job, or what is left of it, and print the family.

    A run that was interrupted goes on where it stopped; a finished one prints its table again.
    """
    from scalenet_tf.cli.tables import print_outcome
    from scalenet_tf.steps import STEPS

    given = options.overrides(set, data=data, seed=seed, fast=fast, strategy=strategy, tpu=tpu)
    opened = options.open_run(run, config, given)
    plan = opened.config.plan.model_dump()
    with resumable(opened.command("run")):
        load_tensorflow()
        for number, step in enumerate(STEPS, start=1):
            planned = plan[step.name]
            budget = f", planned {planned} s" if planned else ""
            typer.echo(f"== {number}/{len(STEPS)} {step.title}{budget}")
            begun = time.monotonic()
            step.act(opened)
            typer.echo(f"== {number}/{len(STEPS)} {step.title}: {time.monotonic() - begun:.1f} s")
    print_outcome(opened)
