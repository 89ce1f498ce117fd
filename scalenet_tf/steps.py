"""The main job's steps, in order. Each reads and writes files of a run, resumes, and skips what is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.space.criteria import Constraint, Demands, Objective
from scalenet_tf.utils import tf_setup


@dataclass(frozen=True)
class Step:
    """One step: `scalenet NAME --run RUN` does it."""

    name: str
    title: str
    act: Callable[[Run], object]


def family_stages(run: Run) -> list[int]:
    """The scaling stages of the family's members, S0 first.

    Raises:
      ScaleNetError: where the family is not settled yet.
    """
    return run.family().stages


def train(run: Run) -> None:
    """Trains the super-supernet."""
    from scalenet_tf.checks import check_run
    from scalenet_tf.training import train_supernet

    tf_setup.setup(fast=run.config.fast)
    train_supernet(run, check_run)


def search(run: Run, constraints: Sequence[Constraint] = (), objective: Objective | None = None) -> None:
    """Searches the base and each trained stage's scaling together.

    Your own constraints and objective are what `demands.Demands` says; a resume must bring the same ones.
    """
    from scalenet_tf.search.step import search_step

    tf_setup.setup(fast=run.config.fast)
    search_step(run, demands=Demands(tuple(constraints), objective))


def scale(run: Run) -> None:
    """Settles the family: the searched members, and the extrapolated ones."""
    from scalenet_tf.extrapolation.step import write_family

    write_family(run)


def retrain(run: Run, stages: list[int] | None = None, jobs: int | None = None) -> None:
    """Trains the members, all where `stages` is None, `jobs` at a time (None: as configured)."""
    from scalenet_tf.members.parallel import train_members_apart

    stages = family_stages(run) if stages is None else stages
    jobs = min(run.config.members.jobs if jobs is None else jobs, len(stages))
    if jobs > 1:
        train_members_apart(run, stages, jobs)
        return
    from scalenet_tf.members import train_member

    tf_setup.setup(fast=run.config.fast)
    for stage in stages:
        train_member(run, stage)


def export(
    run: Run, stages: list[int] | None = None, formats: Sequence[Format] = (Format.saved_model,)
) -> None:
    """Writes each trained member, all where `stages` is None, in each format."""
    from scalenet_tf.export import export_member

    tf_setup.setup(fast=run.config.fast)
    for stage in family_stages(run) if stages is None else stages:
        for form in formats:
            export_member(run, stage, form)


def report(run: Run) -> None:
    """Writes report.html from what the run holds."""
    from scalenet_tf.report import write_report

    write_report(run)


STEPS = (
    Step("train", "super-supernet training", train),
    Step("search", "joint search of base and scaling", search),
    Step("scale", "extrapolation to the family", scale),
    Step("retrain", "training of the members", retrain),
    Step("export", "SavedModels", export),
    Step("report", "report", report),
)


def following(name: str) -> Step | None:
    """The step after `name`, or None after the last one."""
    names = [step.name for step in STEPS]
    index = names.index(name) + 1
    return STEPS[index] if index < len(STEPS) else None
