"""Transfer of a trained member to another data set: a new classifier, the other weights, a separate run."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from scalenet_tf.config import (
    LadderConfig,
    MembersConfig,
    Recipe,
    RunConfig,
    check_class_weights,
    override_config,
    recipe_of,
)
from scalenet_tf.config.teacher import NO_TEACHER, is_path
from scalenet_tf.costs.macs import cost
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.data.batch_sizes import check_batch_sizes
from scalenet_tf.data.moved import begin_or_continue
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.compiled import check_accumulation
from scalenet_tf.members.evaluation import check_channels, load_member, new_data_config
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.own_parts import check_usable
from scalenet_tf.members.plan import Plan
from scalenet_tf.members.teacher import check_teacher_at
from scalenet_tf.members.training import MemberResult, train_member
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, save_weights, set_weights, weights_of
from scalenet_tf.run import Run
from scalenet_tf.run.family import Family, name_of_stage, read_member
from scalenet_tf.run.given_objects import own_training_parts
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.metrics import read_metrics, trained_metrics
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.refused import removed_if_refused
from scalenet_tf.run.teachers import member_teachers
from scalenet_tf.tracking.events import job_step
from scalenet_tf.utils import tf_setup
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)

HEAD = "classifier/"


def transfer_member(
    run: Run | str | Path,
    stage: int,
    data: str,
    output: str | Path,
    overrides: Iterable[str] = (),
    training: MemberTraining | None = None,
) -> MemberResult:
    """Trains a member further on other images, of any classes; the same call resumes the training.

    Args:
      run: The run that trained it, or its path.
      stage: Scaling stage of the member.
      data: "bundled", "tfds:NAME", "folder:PATH" or "tfrecord:PATH", of images with the
        channels of the run's.
      output: Directory of a new run with this one member, for `evaluate`, `predict`, `export` and `report`.
      overrides: Changes of the run's configuration, such as "members.epochs=3" or "fast=true". The run's
        teacher is left out: "members.teacher=runs/photos-s4/members/s4" names a member that was transferred
        before.
      training: Keras callbacks and an own loss, metrics and augmentation. Default: none, whatever the run
        was trained with.

    Returns:
      Folder and accuracies of the new member.

    Raises:
      ScaleNetError: If the member is not trained, the images do not fit it, nothing would be trained,
        `output` holds other work, or its training was begun with other parts in `training`.

    Example:
      >>> transfer_member("runs/first", 0, "folder:photos", "runs/photos").test_accuracy
    """
    run = given_run(run)
    read_member(run, stage)
    # The space file of a run already includes the ladder.
    changes = {
        "data": new_data_config(run, data),
        "space": str(run.space_file),
        "ladder": LadderConfig(),
        # Nothing is searched here, so the warm start of the first search may no longer exist.
        "search": run.config.search.model_copy(update={"warm_start": None}),
        "members": _without_teacher(run.config.members, stage),
    }
    config = override_config(run.config.model_copy(update=changes), overrides)
    recipe = recipe_of(config.members, stage)
    if not Plan.starting(recipe, stage, inherits=True).epochs:
        raise InvalidInputError(
            "`members.epochs` must be at least 1 for a transfer, which has a new classifier to train. "
            f"Received: {config.members.epochs}, of the run's configuration or of `overrides`. Give an "
            "override, such as members.epochs=3."
        )
    with tf_setup.determinism_restored():
        tf_setup.setup(fast=config.fast)
        own = training or NOTHING_OWN
        new = _begin(run, stage, config, recipe, Path(output), own)
        if read_metrics(new, stage) is None and not own.has_parts and (names := own_training_parts(run)):
            logger.warning(
                f"s{stage} of {str(run.path)!r} was trained with {names}, which the transfer does not use. "
                "To use them, give them to transfer_member as `training`, with another `output`."
            )
        return _train(new, stage, training)


def _begin(run: Run, stage: int, config: RunConfig, recipe: Recipe, output: Path, own: MemberTraining) -> Run:
    """Returns the new run, with its family of one member, whose initial weights are there."""
    member = load_member(run, stage)
    with removed_if_refused(output):
        new = begin_or_continue(output, config)
        images = open_data(new)
        check_channels(member, images)
        subnet = member.subnet.model_copy(update={"classes": images.info.classes})
        if read_metrics(new, stage) is None:
            check_usable(own, recipe, subnet)
            _check_recipe(config, recipe, stage, images)
    if new.family_file.is_file():
        return new
    model = build_model(subnet)
    initialize(model, config.seed, stage)
    body = {name: array for name, array in weights_of(member.model).items() if not name.startswith(HEAD)}
    set_weights(model, weights_of(model) | body)
    save_weights(new.member_files(stage).initial_weights, model)
    family, total = run.family(), cost(subnet)
    changed = {
        "origin": "transferred",
        "subnet": subnet,
        "macs": total.macs,
        "parameters": total.parameters,
    }
    transferred = Family(
        space=family.space.for_data(subnet.channels, subnet.classes),
        base=family.base,
        members=(family.member(stage).model_copy(update=changed),),
        rule=family.rule,
        provenance=provenance(new, data=images.info.digest, weights=digest(member.model)),
        environment=family.environment,
    )
    write_value(new.family_file, transferred)
    return new


def _train(run: Run, stage: int, training: MemberTraining | None) -> MemberResult:
    """Trains the member of the new run; its trackers hear of a job step that does so."""
    with job_step(run, "retrain", ()) as events:
        trained = read_metrics(run, stage) is not None
        result = train_member(run, stage, training, events.epoch_end)
        if not trained:
            events.member_end(name_of_stage(stage), trained_metrics(run, stage))
    return result


def _without_teacher(members: MembersConfig, stage: int) -> MembersConfig:
    """Leaves out the teacher for the first data, since it need not know the classes of the new ones.

    One that a recipe file names goes with the file, whose other keys become those of the section.
    """
    recipe = recipe_of(members, stage)
    left = members.model_copy(update={"teacher": NO_TEACHER})
    if recipe_of(left, stage).teacher == NO_TEACHER:
        return left
    own = {key: getattr(recipe, key) for key in Recipe.model_fields}
    return left.model_copy(update={**own, "teacher": NO_TEACHER, "recipe": "default"})


def _check_recipe(config: RunConfig, recipe: Recipe, stage: int, images: DataSet) -> None:
    """Raises ScaleNetError for what the training would refuse, before anything is written."""
    check_class_weights(recipe, config.task)
    check_accumulation(config, [recipe])
    check_batch_sizes({"members.batch_size": recipe.batch_size}, images.info.counts["train"])
    member_teachers(config.members, [stage], largest=stage)
    if is_path(recipe.teacher):
        check_teacher_at(Path(recipe.teacher), images.info.channels, images.info.classes, config.task)
