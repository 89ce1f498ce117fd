"""`scalenet run`: the main job, whole."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.resume import resumable
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.distribute.cluster import Cluster
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

    A run that was interrupted goes on where it stopped; a finished one prints its table again. Several
    workers train the super-supernet together; then the chief does the rest alone, and the others end.
    """
    from scalenet_tf.cli.tables import print_outcome
    from scalenet_tf.distribute.cluster import read_cluster
    from scalenet_tf.steps import STEPS

    cluster = read_cluster()
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
            if cluster.several and step.name == "train":
                return _go_on_alone(run, cluster)
    print_outcome(run)


def _go_on_alone(run: Run, cluster: Cluster) -> None:
    """After what several workers do together: the chief begins anew without them, the others end."""
    if not cluster.chief:
        typer.echo(f"worker {cluster.index}: done; the chief goes on alone")
        return
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    # Its TensorFlow would wait for the other workers, and end with them.
    sys.stdout.flush()
    command = [sys.executable, "-m", "scalenet_tf.cli", "run", "--run", str(run.path)]
    os.execve(sys.executable, command, environment)
