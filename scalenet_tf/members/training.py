"""Training of one member with Keras' fit, resumable after a kill at any moment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from rich.console import Console

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.distribute.strategy import make_strategy
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.checkpoint import Progress, load_state
from scalenet_tf.members.fit import answering_weights, fit
from scalenet_tf.members.initial_weights import inherit, initialize
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.metrics import accuracy, answer, calibration_error, class_accuracy, confusion
from scalenet_tf.members.network import build_for_training
from scalenet_tf.members.plan import Plan, compile_for_training
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, load_weights, save_weights, set_weights
from scalenet_tf.run import Run
from scalenet_tf.run.family import Member, read_member
from scalenet_tf.run.provenance import environment, provenance
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest

# Of a transferred member: the weights that its training starts from.
INITIAL = "initial.npz"


@dataclass(frozen=True)
class MemberResult:
    """A trained member.

    Attributes:
      folder: Holds architecture.json, weights.npz, history.jsonl and metrics.json.
      validation_accuracy: On the search-validation split, 0 to 1.
      test_accuracy: On the test split, 0 to 1.
    """

    folder: Path
    validation_accuracy: float
    test_accuracy: float


def train_member(run: Run, stage: int) -> MemberResult:
    """Trains the member of one scaling stage, or goes on where an earlier process was stopped.

    A searched member starts from the super-supernet's weights, an extrapolated one from scratch, unless its
    recipe says otherwise. The weights and the optimizer are saved after each epoch; a resumed member
    repeats its unfinished epoch and ends with the same weights, to the bit, as one never stopped.
    Batch-norm statistics are Keras' running ones.

    Args:
      run: A run whose family is settled.
      stage: Scaling stage of the member, 0 the base.

    Returns:
      Where it is and how good; at once, where it was finished before.

    Raises:
      ScaleNetError: where there is no family or no such member, or the data do not suit it.

    Example:
      >>> train_member(Run.open("runs/first"), 0).test_accuracy
    """
    member = read_member(run, stage)
    folder = run.member(stage)
    if (folder / "metrics.json").is_file():
        return _finished(folder, member)
    config = run.config
    data = open_data(run)
    plan = Plan.of(member, config.members)
    steps = epoch_steps(data, plan.recipe)
    strategy = _strategy(config)
    _check_replicas(strategy, plan)
    with strategy.scope():
        model = build_for_training(member.subnet, plan.recipe, config.seed, stage)
        compile_for_training(model, plan, steps)
    # Outside of the scope: the super-supernet is loaded under a strategy of its own.
    progress = _begin_or_resume(run, member, data, model, plan, folder / "state.npz")
    progress = fit(member, data, model, plan, config, progress, folder)
    # What is evaluated and exported: without what the recipe adds to training alone, on one device.
    answering = build_model(member.subnet)
    set_weights(answering, answering_weights(model, progress))
    return _finish(run, data, answering, plan, progress, folder)


def _finished(folder: Path, member: Member) -> MemberResult:
    _check_same(folder, member)
    (folder / "state.npz").unlink(missing_ok=True)
    metrics = files.read_json(folder / "metrics.json")
    Console().print(
        f"{member.name} is trained: test accuracy {metrics['test_accuracy']:.1%}", highlight=False
    )
    return MemberResult(folder, metrics["validation_accuracy"], metrics["test_accuracy"])


def _check_same(folder: Path, member: Member) -> None:
    there = files.read_json(folder / "architecture.json")
    if there["subnet"] != member.subnet.model_dump(mode="json"):
        raise ScaleNetError(
            f"{str(folder)!r} holds another network than {member.name} of family.json. Move that folder away "
            "to train the member again."
        )


def _check_recipe(folder: Path, member: Member, recipe: dict[str, Any]) -> None:
    begun = files.read_json(folder / "architecture.json").get("recipe", recipe)
    changed = [name for name in recipe if begun.get(name) != recipe[name]]
    if changed:
        raise ScaleNetError(
            f"the training of {member.name} was begun with another recipe (it differs in: "
            f"{', '.join(changed)}). Put the recipe back, or move {str(folder)!r} away to "
            "train the member anew."
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
        raise ScaleNetError(
            "`members.gradient_accumulation_steps` must be 1 on several devices: Keras cannot accumulate "
            f"there. Received: {plan.recipe.gradient_accumulation_steps}. Give --strategy one_device, or "
            "larger batches."
        )


def _begin_or_resume(
    run: Run, member: Member, data: DataSet, model: keras.Model, plan: Plan, state: Path
) -> Progress:
    recipe = plan.recipe.model_dump(mode="json")
    if state.is_file():
        _check_same(state.parent, member)
        _check_recipe(state.parent, member, recipe)
        return load_state(state, model)
    if member.origin == "transferred":
        load_weights(state.with_name(INITIAL), model)
    elif plan.inherits:
        from scalenet_tf.training import load_supernet

        search = run.config.search
        images = data.calibration_images(search.recalibration_images, run.config.seed)
        with Console().status(f"{member.name} takes over the super-supernet's weights"):
            inherit(load_supernet(run), model, member.subnet, images, search.batch_size)
    else:
        initialize(model, run.config.seed, member.stage)
    files.write_json(
        state.parent / "architecture.json",
        {
            "schema": 1,
            **member.model_dump(mode="json"),
            "resolution": member.subnet.resolution,
            "channels": data.info.channels,
            "classes": data.info.classes,
            "labels": list(data.info.labels),
            "recipe": recipe,
            "provenance": provenance(run, data=data.info.digest),
        },
    )
    return Progress()


def _finish(
    run: Run, data: DataSet, model: keras.Model, plan: Plan, progress: Progress, folder: Path
) -> MemberResult:
    started = time.monotonic()
    batch_size = run.config.search.batch_size
    validation = accuracy(*answer(model, data, "validation", batch_size))
    labels, probabilities = answer(model, data, "test", batch_size)
    test = accuracy(labels, probabilities)
    save_weights(folder / "weights.npz", model)
    files.write_json(
        folder / "metrics.json",
        {
            "schema": 1,
            "epochs": progress.epochs,
            "validation_accuracy": validation,
            "test_accuracy": test,
            "calibration_error": calibration_error(labels, probabilities),
            "class_accuracy": class_accuracy(table := confusion(labels, probabilities)),
            "confusion": table.tolist(),
            "provenance": provenance(
                run,
                data=data.info.digest,
                weights=digest(model),
                recipe=json_digest(plan.recipe.model_dump(mode="json")),
            ),
            "environment": environment(progress.seconds + time.monotonic() - started),
        },
    )
    (folder / "state.npz").unlink(missing_ok=True)
    return MemberResult(folder, validation, test)
