"""Training of one member with Keras' fit; a training that was killed resumes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from scalenet_tf.config import check_class_weights
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.members.answers import make_lesson
from scalenet_tf.members.begun import (
    check_recipe,
    check_recipes_of_others,
    check_same,
    check_teacher,
    leave_trained,
    remove_former,
)
from scalenet_tf.members.callbacks import judge
from scalenet_tf.members.checkpoint import TrainingProgress, load_state
from scalenet_tf.members.compiled import compiled_model
from scalenet_tf.members.fit import final_weights, fit
from scalenet_tf.members.initial_weights import copy_recalibrated_weights, initialize
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.metrics import class_details, predictions
from scalenet_tf.members.own_callbacks import OwnCallbacks
from scalenet_tf.members.own_parts import check_usable, digests_of, identity_of
from scalenet_tf.members.plan import Plan
from scalenet_tf.members.samples import choose_samples
from scalenet_tf.members.teacher import Teacher, teacher_of
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.score import score
from scalenet_tf.models.weights import digest, load_weights, save_weights, set_weights
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture
from scalenet_tf.run.family import Member, read_member
from scalenet_tf.run.given_objects import check_parts
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import member_lock, step_lock
from scalenet_tf.run.metrics import MemberEnvironment, Metrics, read_metrics
from scalenet_tf.run.paths import without_teacher_path
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.run.provenance import provenance
from scalenet_tf.utils import tf_setup
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.progress import spinner
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MemberResult:
    """A trained member.

    Attributes:
      folder: Folder of architecture.json, weights.npz, history.jsonl and metrics.json.
      validation_accuracy: Accuracy on the validation split, 0 to 1; for multi_label, mean average precision.
      test_accuracy: The same on the test split.
    """

    folder: Path
    validation_accuracy: float
    test_accuracy: float


def train_member(
    run: Run | str | Path,
    stage: int,
    training: MemberTraining | None = None,
    on_epoch: Callable[[str, EpochRow], None] | None = None,
) -> MemberResult:
    """Trains the member of one scaling stage, or resumes its training.

    A member starts from the super-supernet's weights, or from scratch if it is larger than the
    super-supernet or the recipe says so. With `members.teacher` it also learns a teacher's answers, see
    `members/answers.py`. Weights and optimizer are saved after each epoch. A resumed training repeats
    its unfinished epoch, and its weights equal those of an uninterrupted training to the bit: on a CPU,
    TensorFlow's operations are deterministic meanwhile, unless the run sets `fast`. Batch-norm statistics are
    Keras' running ones.

    Args:
      run: A run with a family, or its path.
      stage: Scaling stage of the member, 0 for the base.
      training: Keras callbacks and an own loss, metrics and augmentation. Default: none.
      on_epoch: Called after each epoch with the name of the member and the results.

    Returns:
      Folder and accuracies; a finished member is returned as it is.

    Raises:
      ScaleNetError: If there is no family or no such member, its teacher is not trained yet, the data do not
        fit it, another process trains it, or the training was begun with other parts in `training`.

    Example:
      >>> train_member("runs/first", 0).test_accuracy
    """
    run = given_run(run)
    member = read_member(run, stage)
    own = training or NOTHING_OWN
    metrics = read_metrics(run, stage)
    if metrics is not None:
        return _finished(run, member, metrics, own)
    with step_lock(run.path, member_lock(stage)), tf_setup.determinism_restored():
        tf_setup.setup(fast=run.config.fast)
        with damage_named(data := open_data(run)):
            return _train(run, member, data, own, on_epoch)


def _train(
    run: Run,
    member: Member,
    data: DataSet,
    own: MemberTraining,
    on_epoch: Callable[[str, EpochRow], None] | None,
) -> MemberResult:
    stage, config = member.stage, run.config
    plan = Plan.of(member, config.members, run.space())
    check_recipes_of_others(run, member)
    check_class_weights(plan.recipe, config.task)
    check_usable(own, plan.recipe, member.subnet)
    check_parts(run, identity_of(own))  # after the check, since it records them
    steps = epoch_steps(data, plan.recipe)
    teacher = teacher_of(run, member, plan.recipe) if plan.epochs else None
    if teacher is not None:
        check_teacher(run, member, teacher)
    lesson = None if teacher is None else make_lesson(run, data, teacher, plan.recipe)
    model = compiled_model(member.subnet, stage, plan, config, steps, own, taught=lesson is not None)
    digests = {**_teacher_digest(teacher), **digests_of(identity_of(own))}
    # Outside the scope: the super-supernet is loaded under its own strategy.
    progress = _begin_or_resume(
        run, member, data, model, plan, None if teacher is None else teacher.name, digests
    )
    written = run.member_files(stage)
    hooks = OwnCallbacks.of(own, member.name, model, plan.epochs, steps)
    with hooks.training(progress, stopped=judge(progress.accuracies, plan.recipe).stop):
        progress = fit(
            *(member.name, data, model, plan, config, progress, written),
            lesson=lesson,
            own=own,
            callbacks=hooks.callbacks,
            on_epoch=on_epoch,
        )
    # The model that is evaluated and exported: on one device, without dropout and mixed precision.
    trained = build_model(member.subnet)
    set_weights(trained, final_weights(model, progress))
    return _finish(run, stage, data, trained, plan, progress, digests)


def _finished(run: Run, member: Member, metrics: Metrics, own: MemberTraining) -> MemberResult:
    if own.has_parts:  # A finished run is opened without them.
        check_parts(run, identity_of(own))
    leave_trained(run, member, metrics)
    return MemberResult(run.member(member.stage), metrics.validation_accuracy, metrics.test_accuracy)


def _begin_or_resume(
    run: Run,
    member: Member,
    data: DataSet,
    model: keras.Model,
    plan: Plan,
    teacher: str | None,
    digests: dict[str, str],
) -> TrainingProgress:
    files = run.member_files(member.stage)
    if files.state.is_file():
        check_recipe(run, member, check_same(run, member).recipe, plan.recipe)
        return load_state(files.state, model)
    remove_former(run, member)
    if member.origin == "transferred":
        load_weights(files.initial_weights, model)
    elif plan.inherits:
        from scalenet_tf.training import load_supernet

        search = run.config.search
        images = data.calibration_images(search.recalibration_images, run.config.seed)
        with spinner(f"{member.name} takes over the super-supernet's weights"):
            copy_recalibrated_weights(load_supernet(run), model, member.subnet, images, search.batch_size)
    else:
        if plan.recipe.start == "auto":
            logger.info(f"{member.name} starts from scratch: it is larger than the super-supernet")
        initialize(model, run.config.seed, member.stage)
    origin = provenance(run, data=data.info.digest, **digests)
    write_value(files.architecture, Architecture.of(member, data.info, plan.recipe, origin, teacher))
    return TrainingProgress()


def _teacher_digest(teacher: Teacher | None) -> dict[str, str]:
    return {} if teacher is None else {"teacher": teacher.digest}


def _finish(
    run: Run,
    stage: int,
    data: DataSet,
    model: keras.Model,
    plan: Plan,
    progress: TrainingProgress,
    digests: dict[str, str],
) -> MemberResult:
    started, files = time.monotonic(), run.member_files(stage)
    save_weights(files.weights, model)  # first: an image may have become unreadable since the training began
    batch_size, task = run.config.search.batch_size, run.config.task
    validation = score(task, *predictions(model, data, "validation", batch_size, task))
    labels, probabilities = predictions(model, data, "test", batch_size, task)
    test = score(task, labels, probabilities)
    write_value(files.samples, choose_samples(data, labels, probabilities, task, run.config.seed))
    metrics = Metrics(
        epochs=progress.epochs,
        validation_accuracy=validation,
        test_accuracy=test,
        **class_details(task, labels, probabilities),
        provenance=provenance(
            run,
            data=data.info.digest,
            weights=digest(model),
            recipe=json_digest(without_teacher_path(plan.recipe.model_dump(mode="json"))),
            **digests,
        ),
        environment=MemberEnvironment.now(progress.seconds + time.monotonic() - started),
    )
    write_value(files.metrics, metrics)
    files.state.unlink(missing_ok=True)
    return MemberResult(files.folder, validation, test)
