"""The job steps, in order. Each one reads and writes the files of a run, resumes, and skips finished work."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.run.made_with import check_made_with
from scalenet_tf.space.criteria import Constraint, Criteria, Objective
from scalenet_tf.utils import tf_setup

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobStep:
    """A job step, run by `scalenet NAME --run RUN`.

    Attributes:
      name: Name of the command.
      title: Description of the step in log lines.
      act: Function that runs the step.
    """

    name: str
    title: str
    act: Callable[[Run], object]


def family_stages(run: Run) -> list[int]:
    """Returns the scaling stages of the family's members, S0 first.

    Args:
      run: Run with family.json.

    Raises:
      ScaleNetError: If there is no family yet.
    """
    return run.family().stages


def train(run: Run) -> None:
    """Trains the super-supernet.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If the configuration, the space or the images cannot be used, another process trains in
        the run, or training diverges.

    Example:
      >>> steps.train(Run.open_or_create("runs/first", load_config("quickstart")))
    """
    check_made_with(run)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.checks import check_run
    from scalenet_tf.distribute.cluster import read_cluster
    from scalenet_tf.training import train_supernet

    with run.training_lock() if read_cluster().chief else nullcontext():
        train_supernet(run, check_run)


def search(run: Run, constraints: Sequence[Constraint] = (), objective: Objective | None = None) -> None:
    """Searches the base architecture and the scaling of each scaling stage jointly.

    A resumed search needs the same constraints and objective.

    Args:
      run: Run whose super-supernet is trained.
      constraints: Callables of (subnet, scaling stage) that return True if the subnet is allowed.
      objective: Callable of (subnet, accuracy) that returns the value to maximise. Default: the accuracy.

    Raises:
      ScaleNetError: If the super-supernet is not trained, or nothing can meet the budgets and constraints.

    Example:
      >>> steps.search(run, constraints=[lambda subnet, scaling_stage: subnet.num_blocks <= 20])
    """
    check_made_with(run)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.members.confirmation import FinalistTraining
    from scalenet_tf.search.step import search_step

    search_step(run, criteria=Criteria(tuple(constraints), objective), make_trainer=FinalistTraining)


def scale(run: Run) -> None:
    """Writes family.json: the searched members, and larger ones extrapolated from them.

    Args:
      run: Run whose search is done.

    Raises:
      ScaleNetError: If the search is not done, or there is nothing to extrapolate from.

    Example:
      >>> steps.scale(run)
      >>> run.family().stages
      [0, 1, 2, 3, 4]
    """
    from scalenet_tf.extrapolation.step import write_family

    check_made_with(run)
    write_family(run)


def retrain(run: Run, stages: list[int] | None = None, jobs: int | None = None) -> None:
    """Trains members of the family, a teacher before those that learn from it.

    Args:
      run: Run with family.json.
      stages: Scaling stages of the members. Default: all.
      jobs: Number of members to train at the same time, at least 1. Default: `members.jobs` of the
        configuration.

    Raises:
      ScaleNetError: If there is no family or no such member, a training fails, or the teacher of a member
        is neither trained nor among `stages`.

    Example:
      >>> steps.retrain(run, stages=[0, 2], jobs=2)
    """
    from scalenet_tf.members.parallel import train_members_apart
    from scalenet_tf.run.teachers import family_teachers, training_groups

    check_made_with(run)
    family = run.family()
    stages = family.stages if stages is None else stages
    jobs = min(run.config.members.jobs if jobs is None else jobs, len(stages))
    groups = training_groups(family_teachers(family, run.config.members), stages)
    if jobs > 1:
        for group in groups:
            train_members_apart(run, group, min(jobs, len(group)))
        return
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.members import train_member

    for stage in (stage for group in groups for stage in group):
        train_member(run, stage)


def export(
    run: Run, stages: list[int] | None = None, formats: Sequence[Format] = (Format.saved_model,)
) -> None:
    """Exports trained members.

    Args:
      run: Run with trained members.
      stages: Scaling stages of the members. Default: all.
      formats: Formats to write.

    Raises:
      ScaleNetError: If a member is not trained, or the predictions of an exported file differ from the
        model's.

    Example:
      >>> steps.export(run, stages=[0], formats=[Format.litert])
    """
    check_made_with(run)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.export import export_member

    for stage in family_stages(run) if stages is None else stages:
        for form in formats:
            export_member(run, stage, form)


def report(run: Run) -> None:
    """Writes report.html from the results that the run has so far.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If a file of the run is damaged.

    Example:
      >>> steps.report(run)
    """
    from scalenet_tf.report import write_report

    write_report(run)


STEPS = (
    JobStep("train", "super-supernet training", train),
    JobStep("search", "joint search of base and scaling", search),
    JobStep("scale", "extrapolation to the family", scale),
    JobStep("retrain", "training of the members", retrain),
    JobStep("export", "SavedModels", export),
    JobStep("report", "report", report),
)


def do_steps(run: Run, instead: Mapping[str, Callable[[Run], object]] | None = None) -> Iterator[JobStep]:
    """Runs the job steps in order, or what is left of them, and logs the seconds of each.

    Args:
      run: The run.
      instead: Functions to call in place of those of `STEPS`, by the name of the step.

    Yields:
      Each step once it is done.
    """
    for number, step in enumerate(STEPS, start=1):
        logger.info("== %d/%d %s", number, len(STEPS), step.title)
        begun = time.monotonic()
        (instead or {}).get(step.name, step.act)(run)
        logger.info("== %d/%d %s: %.1f s", number, len(STEPS), step.title, time.monotonic() - begun)
        yield step


def next_step(name: str) -> JobStep | None:
    """Returns the job step after a given one, or None after the last one.

    Args:
      name: Name of a job step, such as "train".
    """
    names = [step.name for step in STEPS]
    index = names.index(name) + 1
    return STEPS[index] if index < len(STEPS) else None
