"""`scalenet run`: the main job, whole."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

import typer

from scalenet_tf.cli import logs, options
from scalenet_tf.cli.resume import resumable
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.distribute.cluster import Cluster
    from scalenet_tf.run import Run

logger = logging.getLogger(__name__)


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
            logger.info("== %d/%d %s%s", number, len(STEPS), step.title, budget)
            begun = time.monotonic()
            step.act(run)
            seconds = time.monotonic() - begun
            logger.info("== %d/%d %s: %.1f s", number, len(STEPS), step.title, seconds)
            if cluster.several and step.name == "train":
                return _go_on_alone(run, cluster)
    print_outcome(run)


def _go_on_alone(run: Run, cluster: Cluster) -> None:
    """After what several workers do together: the chief begins anew without them, the others end."""
    if not cluster.chief:
        logger.info("worker %d: done; the chief goes on alone", cluster.index)
        return
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    # Its TensorFlow would wait for the other workers, and end with them.
    sys.stdout.flush()
    command = [sys.executable, "-m", "scalenet_tf.cli", "run", "--run", str(run.path), *logs.words()]
    os.execve(sys.executable, command, environment)
