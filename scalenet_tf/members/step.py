"""The job step that trains the members: one after another in this process, or several in processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scalenet_tf.config import MembersConfig, recipe_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.epochs_of_children import OnEpoch
from scalenet_tf.members.member_training import MemberTraining, check_no_teacher
from scalenet_tf.members.parallel import train_members_apart
from scalenet_tf.run import Run
from scalenet_tf.run.family import name_of_stage
from scalenet_tf.run.given_objects import check_parts
from scalenet_tf.run.metrics import Metrics, read_metrics, trained_metrics
from scalenet_tf.run.own_parts import OwnParts
from scalenet_tf.run.own_recipes import warn_of_changed_recipes
from scalenet_tf.utils import tf_setup

OnMember = Callable[[str, Metrics], None]


def retrain_members(
    run: Run,
    groups: Sequence[Sequence[int]],
    jobs: int,
    training: MemberTraining | None,
    on_epoch: OnEpoch,
    on_member: OnMember,
) -> None:
    """Trains members, group after group.

    Args:
      run: A run with a family.
      groups: Scaling stages of the members; those of a group may train at the same time.
      jobs: Number of members that train at the same time.
      training: Keras objects of the user's own.
      on_epoch: Called with the name of the member and the results of each epoch.
      on_member: Called with the name and the results of each member that has been trained.

    Raises:
      ScaleNetError: If a training fails, objects that the run began with are missing, or there are some for
        several jobs.
    """
    check_training(training, jobs, run.config.members, len(run.family().stages))
    left = any(read_metrics(run, stage) is None for group in groups for stage in group)
    if left:
        warn_of_changed_recipes(run)
    if left and (training is None or not training.has_parts):
        check_parts(run, OwnParts())  # before the images are read; those that are given need Keras
    if jobs <= 1:
        tf_setup.setup(fast=run.config.fast)
    for group in groups:
        if jobs > 1:
            train_members_apart(run, group, min(jobs, len(group)), on_epoch, on_member)
            continue
        from scalenet_tf.members.training import train_member

        for stage in group:
            trained = read_metrics(run, stage) is not None
            train_member(run, stage, training, on_epoch)
            if not trained:
                on_member(name_of_stage(stage), trained_metrics(run, stage))


def check_training(training: MemberTraining | None, jobs: int, config: MembersConfig, members: int) -> None:
    """Checks that objects of the user's own go with the settings of the members.

    Args:
      training: The objects.
      jobs: Number of members that train at the same time.
      config: Section `members`.
      members: Number of members of the family.

    Raises:
      ScaleNetError: If members train in processes of their own, or a loss or metrics meet a teacher.
    """
    if training is not None:
        for stage in range(members):
            check_no_teacher(training, recipe_of(config, stage))
    if jobs > 1 and training is not None:
        raise InvalidInputError(
            f"`member_training` needs `members.jobs` 1. Received: {jobs} jobs, which train in processes of "
            "their own, where your objects are not. Give members={'jobs': 1}."
        )
