"""`scalenet run`: all job steps in one command."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

import typer

from scalenet_tf.cli import logs
from scalenet_tf.cli.begin import begins_run
from scalenet_tf.cli.json_result import write_result
from scalenet_tf.cli.resume import resumable
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.distribute.cluster import Cluster
    from scalenet_tf.run import Run

logger = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Adds the command `run` to `app`."""
    app.command(
        epilog="Example: scalenet run --config quickstart --run runs/mine --data folder:photos --seed 1",
        rich_help_panel="Main job",
    )(run)


@begins_run
def run(run: Run, json: bool) -> None:
    """Run the whole job, or what is left of it, and print the family.

    An interrupted run resumes where it stopped; a finished one prints its table again. If TF_CONFIG names
    several workers, they train the super-supernet together; the chief does the rest alone.
    """
    from scalenet_tf.cli.run_result import run_result
    from scalenet_tf.cli.tables import print_outcome
    from scalenet_tf.distribute.cluster import read_cluster
    from scalenet_tf.job import do_steps
    from scalenet_tf.run.given_objects import NOTHING_GIVEN, check_given
    from scalenet_tf.run.states import step_states, steps_left
    from scalenet_tf.run.tracker_packages import check_tracker_packages
    from scalenet_tf.search.distributed.role import role_of

    cluster = read_cluster()
    check_given(run, NOTHING_GIVEN)
    role_of()  # The search would refuse Keras Tuner's variables after hours of training.
    check_tracker_packages(run.config)
    states = step_states(run)
    # Before TensorFlow, which takes seconds to load.
    logger.info("%s: %d of %d steps are done", run.path, len(states) - len(steps_left(states)), len(states))
    with resumable(run.command("run")):
        load_tensorflow()
        for step in do_steps(run):
            if cluster.several and step.name == "train":
                return _go_on_alone(run, cluster, json)
    if json:
        write_result("run", run_result(run))
    else:
        print_outcome(run)


def _go_on_alone(run: Run, cluster: Cluster, json: bool) -> None:
    """Restarts the chief without the other workers, which exit after what they do together."""
    if not cluster.chief:
        logger.info("worker %d: done; the chief continues alone", cluster.index)
        return
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    # This process' TensorFlow would wait for the other workers, and end with them.
    sys.stdout.flush()
    words = [*logs.words(), *(["--json"] if json else [])]
    command = [sys.executable, "-m", "scalenet_tf.cli", "run", "--run", str(run.path), *words]
    os.execve(sys.executable, command, environment)
