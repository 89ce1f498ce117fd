"""The job steps, in order. Each one reads and writes the files of a run, resumes, and skips finished work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.run import Run
from scalenet_tf.run.changed_keys import warn_of_changed_files
from scalenet_tf.run.exports import Format, check_writer
from scalenet_tf.run.family import check_not_transferred
from scalenet_tf.run.given_objects import check_criteria, recorded_by
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.made_with import check_made_with
from scalenet_tf.space.criteria import Constraint, Criteria, Objective
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.tracking.events import job_step
from scalenet_tf.utils import tf_setup

if TYPE_CHECKING:
    from scalenet_tf.members import MemberTraining
    from scalenet_tf.report.recommendation import Recommendation


def family_stages(run: Run | str | Path) -> list[int]:
    """Returns the scaling stages of the family's members, S0 first.

    Args:
      run: Run with family.json, or its path.

    Raises:
      ScaleNetError: If there is no family yet.
    """
    run = given_run(run)
    return run.family().stages


def train(
    run: Run | str | Path,
    constraints: Sequence[Constraint] = (),
    objective: Objective | None = None,
    *,
    callbacks: Sequence[RunCallback] = (),
) -> None:
    """Trains the super-supernet.

    Args:
      run: The run, or the path of its directory.
      constraints: Constraints of the search to come, which must be such that it can meet them.
      objective: Objective of the search to come, which must return numbers. The search needs the same ones.
      callbacks: Objects that follow the training.

    Raises:
      ScaleNetError: If the configuration, the space or the images cannot be used, another process trains in
        the run, or training diverges.

    Example:
      >>> steps.train(Run.open_or_create("runs/first", load_config("quickstart")))
    """
    run = given_run(run)
    check_not_transferred(run)
    check_made_with(run)
    criteria = Criteria.of(constraints, objective)
    if criteria.names:  # The training itself does not depend on them, and commands have none.
        check_criteria(run, criteria.names)
    warn_of_changed_files(run)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.checks import check_run
    from scalenet_tf.distribute.cluster import read_cluster
    from scalenet_tf.training import train_supernet

    chief = read_cluster().chief
    lock = run.training_lock() if chief else nullcontext()
    with lock, job_step(run, "train", callbacks, heard=chief) as events:
        check = partial(check_run, criteria=criteria)
        train_supernet(run, recorded_by(check, run, criteria) if chief else check, events.supernet_log)


def search(
    run: Run | str | Path,
    constraints: Sequence[Constraint] = (),
    objective: Objective | None = None,
    *,
    member_training: MemberTraining | None = None,
    callbacks: Sequence[RunCallback] = (),
) -> None:
    """Searches the base architecture and the scaling of each scaling stage jointly.

    A search needs the constraints and the objective that its run or itself was begun with.

    Args:
      run: Run whose super-supernet is trained, or its path.
      constraints: Callables of (subnet, scaling stage) that return True if the subnet is allowed.
      objective: Callable of (subnet, accuracy) that returns the value to maximise. Default: the accuracy.
      member_training: Own loss and augmentation, with which finalists are trained. Default: none.
      callbacks: Objects that follow the search, in the process that keeps its results.

    Raises:
      ScaleNetError: If the super-supernet is not trained, or nothing can meet the budgets and constraints.

    Example:
      >>> steps.search(run, constraints=[lambda subnet, scaling_stage: subnet.num_blocks <= 20])
    """
    run = given_run(run)
    check_not_transferred(run)
    check_made_with(run)
    criteria = Criteria.of(constraints, objective)
    check_criteria(run, criteria.names)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.members.confirmation import FinalistTraining
    from scalenet_tf.members.member_training import NOTHING_OWN
    from scalenet_tf.search.distributed.role import role_of
    from scalenet_tf.search.step import search_step

    make_trainer = partial(FinalistTraining, own=member_training or NOTHING_OWN)
    role = role_of()
    heard = role is None or role.is_chief
    with job_step(run, "search", callbacks, heard=heard) as events:
        search_step(run, criteria=criteria, make_trainer=make_trainer, on_trial=events.trial_end)


def scale(run: Run | str | Path, *, callbacks: Sequence[RunCallback] = ()) -> None:
    """Writes family.json: the searched members, and larger ones extrapolated from them.

    Args:
      run: Run whose search is done, or its path.
      callbacks: Objects that are told of the step.

    Raises:
      ScaleNetError: If the search is not done, or there is nothing to extrapolate from.

    Example:
      >>> steps.scale(run)
      >>> run.family().stages
      [0, 1, 2, 3, 4]
    """
    run = given_run(run)
    from scalenet_tf.extrapolation.step import write_family

    check_made_with(run)
    with job_step(run, "scale", callbacks):
        write_family(run)


def retrain(
    run: Run | str | Path,
    stages: list[int] | None = None,
    jobs: int | None = None,
    *,
    member_training: MemberTraining | None = None,
    callbacks: Sequence[RunCallback] = (),
) -> None:
    """Trains members of the family, a teacher before those that learn from it.

    Args:
      run: Run with family.json, or its path.
      stages: Scaling stages of the members. Default: all.
      jobs: Number of members to train at the same time, at least 1. Default: `members.jobs` of the
        configuration.
      member_training: Keras callbacks and an own loss, metrics and augmentation, with one job. Default: none.
      callbacks: Objects that follow the training.

    Raises:
      ScaleNetError: If there is no family or no such member, a training fails, the teacher of a member is
        neither trained nor among `stages`, or `member_training` is given with several jobs.

    Example:
      >>> steps.retrain(run, stages=[0, 2], jobs=2)
    """
    run = given_run(run)
    from scalenet_tf.members.step import retrain_members
    from scalenet_tf.run.teachers import family_teachers, training_groups

    check_made_with(run)
    family = run.family()
    stages = family.stages if stages is None else stages
    jobs = min(run.config.members.jobs if jobs is None else jobs, len(stages))
    groups = training_groups(family_teachers(family, run.config.members), stages)
    with job_step(run, "retrain", callbacks) as events:
        retrain_members(run, groups, jobs, member_training, events.epoch_end, events.member_end)


def export(
    run: Run | str | Path,
    stages: list[int] | None = None,
    formats: Sequence[Format] = (Format.saved_model,),
    *,
    callbacks: Sequence[RunCallback] = (),
) -> None:
    """Exports trained members.

    Args:
      run: Run with trained members, or its path.
      stages: Scaling stages of the members. Default: all.
      formats: Formats to write.
      callbacks: Objects that are told of the step.

    Raises:
      ScaleNetError: If a member is not trained, a format needs an extra that is not installed, or the
        predictions of an exported file differ from the model's.

    Example:
      >>> steps.export(run, stages=[0], formats=[Format.litert])
    """
    run = given_run(run)
    check_made_with(run)
    for form in formats:
        check_writer(form)
    tf_setup.setup(fast=run.config.fast)
    from scalenet_tf.export import export_member

    with job_step(run, "export", callbacks):
        for stage in family_stages(run) if stages is None else stages:
            for form in formats:
                export_member(run, stage, form)


def report(
    run: Run | str | Path,
    *,
    max_latency_ms: float | None = None,
    max_bytes: float | None = None,
    callbacks: Sequence[RunCallback] = (),
) -> Recommendation:
    """Writes report.html from the results that the run has so far.

    The page recommends the best member within the limits; without limits, the smallest member whose
    validation accuracy is within one standard error of the best.

    Args:
      run: The run, or the path of its directory.
      max_latency_ms: Most milliseconds for one image with the SavedModel, more than 0. Default: any.
      max_bytes: Most bytes of the SavedModel on disk, more than 0. Default: any.
      callbacks: Objects that are told of the step.

    Returns:
      The member that the page recommends, with the reason.

    Raises:
      ScaleNetError: If a limit is not above 0, or a file of the run is damaged.

    Example:
      >>> steps.report(run, max_latency_ms=5)
    """
    run = given_run(run)
    from scalenet_tf.report import write_report
    from scalenet_tf.report.recommendation import Limits

    limits = Limits(max_latency_ms, max_bytes)
    with job_step(run, "report", callbacks):
        return write_report(run, limits).recommendation
