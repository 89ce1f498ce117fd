"""Training of one member with Keras' fit; a training that was killed resumes."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

from scalenet_tf.config import Recipe, RunConfig
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.distribute.strategy import make_strategy
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.members.answers import make_lesson
from scalenet_tf.members.checkpoint import TrainingProgress, load_state
from scalenet_tf.members.fit import final_weights, fit
from scalenet_tf.members.initial_weights import copy_recalibrated_weights, initialize
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.metrics import calibration_error, class_accuracy, confusion, predictions
from scalenet_tf.members.network import build_for_training
from scalenet_tf.members.plan import Plan, compile_for_training
from scalenet_tf.members.teacher import Teacher, teacher_of
from scalenet_tf.models.accuracy import accuracy
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, load_weights, save_weights, set_weights
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture, read_architecture
from scalenet_tf.run.family import Member, read_member
from scalenet_tf.run.locks import member_lock, step_lock
from scalenet_tf.run.metrics import MemberEnvironment, Metrics, read_metrics
from scalenet_tf.run.paths import without_teacher_path
from scalenet_tf.run.provenance import provenance
from scalenet_tf.space import Subnet
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.progress import spinner
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MemberResult:
    """A trained member.

    Attributes:
      folder: Folder of architecture.json, weights.npz, history.jsonl and metrics.json.
      validation_accuracy: Accuracy on the validation split, 0 to 1.
      test_accuracy: Accuracy on the test split, 0 to 1.
    """

    folder: Path
    validation_accuracy: float
    test_accuracy: float


def train_member(run: Run, stage: int) -> MemberResult:
    """Trains the member of one scaling stage, or resumes its training.

    A member starts from the super-supernet's weights, or from scratch if it is larger than the
    super-supernet or the recipe says so. With `members.teacher` it also learns a teacher's answers, see
    `members/answers.py`. Weights and optimizer are saved after each epoch. A resumed training repeats
    its unfinished epoch, and its weights equal those of an uninterrupted training to the bit. Batch-norm
    statistics are Keras' running ones.

    Args:
      run: A run with a family.
      stage: Scaling stage of the member, 0 for the base.

    Returns:
      Folder and accuracies; a finished member is returned as it is.

    Raises:
      ScaleNetError: If there is no family or no such member, its teacher is not trained yet, the data do not
        fit it, or another process trains it.

    Example:
      >>> train_member(Run.open("runs/first"), 0).test_accuracy
    """
    member = read_member(run, stage)
    metrics = read_metrics(run, stage)
    if metrics is not None:
        return _finished(run, member, metrics)
    with step_lock(run.path, member_lock(stage)), damage_named(data := open_data(run)):
        return _train(run, member, data)


def _train(run: Run, member: Member, data: DataSet) -> MemberResult:
    stage, config = member.stage, run.config
    plan = Plan.of(member, config.members, run.space())
    steps = epoch_steps(data, plan.recipe)
    teacher = teacher_of(run, member, plan.recipe) if plan.epochs else None
    if teacher is not None:
        _check_teacher(run, member, teacher)
    lesson = None if teacher is None else make_lesson(run, data, teacher, plan.recipe)
    model = compiled_model(member.subnet, stage, plan, config, steps, taught=lesson is not None)
    # Outside the scope: the super-supernet is loaded under its own strategy.
    progress = _begin_or_resume(run, member, data, model, plan, teacher)
    written = run.member_files(stage)
    progress = fit(member.name, data, model, plan, config, progress, written, lesson=lesson)
    # The model that is evaluated and exported: on one device, without dropout and mixed precision.
    trained = build_model(member.subnet)
    set_weights(trained, final_weights(model, progress))
    return _finish(run, stage, data, trained, plan, progress, teacher)


def compiled_model(
    subnet: Subnet, stage: int, plan: Plan, config: RunConfig, steps_per_epoch: int, *, taught: bool = False
) -> keras.Model:
    """Builds the network of a member, and compiles it for `fit` on the devices of this process.

    If it is taught, it is compiled for a `Lesson`'s pairs.

    Raises:
      ScaleNetError: If the recipe cannot be trained on these devices.
    """
    _check_replicas(strategy := _strategy(config), plan)
    with strategy.scope():
        model = build_for_training(subnet, plan.recipe, config.seed, stage)
        compile_for_training(model, plan, steps_per_epoch, taught=taught)
    return model


def _finished(run: Run, member: Member, metrics: Metrics) -> MemberResult:
    _check_same(run, member)
    files = run.member_files(member.stage)
    files.state.unlink(missing_ok=True)
    logger.info(f"{member.name} is trained: test accuracy {metrics.test_accuracy:.1%}")
    return MemberResult(files.folder, metrics.validation_accuracy, metrics.test_accuracy)


def _check_same(run: Run, member: Member) -> Architecture:
    there = read_architecture(run, member.stage)
    if there.subnet != member.subnet:
        raise DamagedFileError(
            f"{str(run.member(member.stage))!r} holds another network than {member.name} of family.json. "
            "Move that folder away to train the member again."
        )
    return there


def _check_recipe(run: Run, member: Member, begun: Recipe | None, recipe: Recipe) -> None:
    begun = begun or recipe  # earlier versions do not say with what they began
    changed = [name for name, value in recipe if getattr(begun, name) != value]
    if changed:
        raise InvalidInputError(
            f"the training of {member.name} was started with another recipe (it differs in: "
            f"{', '.join(changed)}). Put the recipe back, or move {str(run.member(member.stage))!r} away to "
            "train the member again."
        )


def _check_teacher(run: Run, member: Member, teacher: Teacher) -> None:
    if not run.member_files(member.stage).state.is_file():
        return
    begun = read_architecture(run, member.stage).provenance.digests.get("teacher")
    if begun is not None and begun != teacher.digest:
        raise InvalidInputError(
            f"the training of {member.name} was started with another teacher than {teacher.name!r} is now: "
            f"its weights have the digest {teacher.digest}, those at the start had {begun}. Put the teacher "
            f"back, or move {str(run.member(member.stage))!r} away to train the member again."
        )


def _strategy(config: RunConfig) -> tf.distribute.Strategy:
    # Keras' fit does not work on several workers: each trains other members, on its own devices. Members
    # that train at the same time cannot share a TPU, so "auto" does not take one here.
    name = config.strategy
    if name in ("auto", "multi_worker"):
        name = "mirrored" if len(tf.config.list_logical_devices("GPU")) > 1 else "one_device"
    return make_strategy(name, config.tpu)


def _check_replicas(strategy: tf.distribute.Strategy, plan: Plan) -> None:
    # Keras accumulates inside a condition, where replicas cannot sum their gradients.
    if strategy.num_replicas_in_sync > 1 and plan.recipe.gradient_accumulation_steps > 1:
        raise InvalidInputError(
            "`members.gradient_accumulation_steps` must be 1 on several devices: Keras cannot accumulate "
            f"there. Received: {plan.recipe.gradient_accumulation_steps}. Give --strategy one_device, or "
            "larger batches."
        )


def _begin_or_resume(
    run: Run, member: Member, data: DataSet, model: keras.Model, plan: Plan, teacher: Teacher | None
) -> TrainingProgress:
    files = run.member_files(member.stage)
    if files.state.is_file():
        _check_recipe(run, member, _check_same(run, member).recipe, plan.recipe)
        return load_state(files.state, model)
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
    origin = provenance(run, data=data.info.digest, **_teacher_digest(teacher))
    name = None if teacher is None else teacher.name
    write_value(files.architecture, Architecture.of(member, data.info, plan.recipe, origin, name))
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
    teacher: Teacher | None,
) -> MemberResult:
    started, files = time.monotonic(), run.member_files(stage)
    save_weights(files.weights, model)  # first: an image may have become unreadable since the training began
    batch_size = run.config.search.batch_size
    validation = accuracy(*predictions(model, data, "validation", batch_size))
    labels, probabilities = predictions(model, data, "test", batch_size)
    test, table = accuracy(labels, probabilities), confusion(labels, probabilities)
    metrics = Metrics(
        epochs=progress.epochs,
        validation_accuracy=validation,
        test_accuracy=test,
        calibration_error=calibration_error(labels, probabilities),
        class_accuracy=tuple(class_accuracy(table)),
        confusion=tuple(map(tuple, table.tolist())),
        provenance=provenance(
            run,
            data=data.info.digest,
            weights=digest(model),
            recipe=json_digest(without_teacher_path(plan.recipe.model_dump(mode="json"))),
            **_teacher_digest(teacher),
        ),
        environment=MemberEnvironment.now(progress.seconds + time.monotonic() - started),
    )
    write_value(files.metrics, metrics)
    files.state.unlink(missing_ok=True)
    return MemberResult(files.folder, validation, test)
