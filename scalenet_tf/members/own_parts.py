"""The identity of a user's own loss, metrics and augmentation, and checks before they are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import Recipe, recipe_of
from scalenet_tf.errors import InvalidInputError, first_line
from scalenet_tf.members.member_training import MemberTraining, check_no_teacher
from scalenet_tf.members.own_augmentation import augmented
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import check_parts
from scalenet_tf.run.own_parts import OwnPart, OwnParts
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import Subnet
from scalenet_tf.space.criteria import name_of
from scalenet_tf.utils.digest import json_digest

# Parts of a configuration that depend on what was made or called before in the process.
_CHANGING = {"name", "build_config", "build_input_shape", "shared_object_id"}


def identity_of(own: MemberTraining) -> OwnParts:
    """Returns the names and digests of the parts of a training.

    Raises:
      ScaleNetError: If one has no configuration.
    """
    return OwnParts(
        loss=None if own.loss is None else _part("loss", own.loss),
        augmentation=None if own.augmentation is None else _part("augmentation", own.augmentation),
        metrics=tuple(_part(f"metrics[{n}]", metric) for n, metric in enumerate(own.metrics)) or None,
    )


def digests_of(parts: OwnParts) -> dict[str, str]:
    """Returns the digests of the parts for a provenance; none if there are no parts."""
    found = parts.model_dump(mode="json")
    return {f"own_{name}": json_digest(part) for name, part in found.items()}


def check_early(run: Run, own: MemberTraining) -> None:
    """Checks, before the first job step, what `train_member` will check.

    Raises:
      ScaleNetError: If a part cannot be used, or the members are trained with others.
    """
    # The channels that a layer gets are not known until the images have been read.
    known = own if run.data_file.is_file() else replace(own, augmentation=None)
    check_usable(known, recipe_of(run.config.members, 0), draw_subnet(run.space(), seed=0, step=0).subnet)
    if own.has_parts and run.members.is_dir():
        check_parts(run, identity_of(own))


def check_usable(own: MemberTraining, recipe: Recipe, subnet: Subnet) -> None:
    """Tries the parts on two images before a training begins.

    Raises:
      ScaleNetError: If one cannot be used.
    """
    check_no_teacher(own, recipe)
    labels = tf.one_hot([0, subnet.classes - 1], subnet.classes)
    logits = tf.constant(np.random.default_rng(0).normal(size=labels.shape), tf.float32)
    if own.loss is not None:
        if _config(own.loss).get("from_logits") is False:
            raise InvalidInputError(
                f"`member_training.loss` must take logits. Received: {name_of(own.loss)} with from_logits="
                "False. Give it from_logits=True."
            )
        loss = own.loss
        _check_number("loss", own.loss, lambda: tf.reduce_mean(loss(labels, logits)))
        if recipe.class_weights == "balanced":
            _check_weighable(loss, labels, logits)
    for number, metric in enumerate(own.new_metrics()):
        _check_number(f"metrics[{number}]", metric, lambda metric=metric: metric(labels, logits))
    if own.augmentation is not None:
        _check_augmentation(own.augmentation, subnet)


def _check_number(name: str, part: Any, call: Any) -> None:
    try:
        finite = bool(np.isfinite(np.asarray(call(), np.float64)).all())
        problem = "" if finite else "a number that is not finite"
    except Exception as error:
        problem = f"{type(error).__name__}: {first_line(error)}"
    if problem:
        raise InvalidInputError(
            f"`member_training.{name}` must return a finite number for one-hot labels and logits, both "
            f"[N, classes]. Received from {name_of(part)}: {problem}."
        )


def _check_weighable(loss: Any, labels: tf.Tensor, logits: tf.Tensor) -> None:
    """Raises ScaleNetError if the loss has no value of each image, which class weights could weigh."""
    model = keras.Sequential([keras.layers.Identity()])
    model.compile(loss=loss, jit_compile=False)
    first, second = (
        np.sum(model.compute_loss(y=labels, y_pred=logits, sample_weight=tf.constant(weights)))
        for weights in ([1.0, 0.0], [0.0, 1.0])
    )
    if first == second:
        raise InvalidInputError(
            "`member_training.loss` must return one loss per image, of shape [N], with "
            f"`members.class_weights` balanced, which weighs images. Received: {name_of(loss)}, which "
            "returns the same whatever the weights. Return one loss per image, or give "
            "members.class_weights=none."
        )


def _check_augmentation(layer: keras.layers.Layer, subnet: Subnet) -> None:
    shape = (2, subnet.resolution, subnet.resolution, subnet.channels)
    images = tf.constant(np.random.default_rng(0).uniform(0, 255, shape), tf.float32)
    must = f"`member_training.augmentation` must return images of the same shape, {list(shape)}"
    try:
        layer(images, training=True)  # builds it
        first, second = (np.asarray(augmented(layer, images, tf.constant([1, 2], tf.int64))) for _ in "12")
    except Exception as error:
        raise InvalidInputError(
            f"{must}. Received from {name_of(layer)}: {type(error).__name__}: {first_line(error)}"
        ) from error
    if not np.array_equal(first, second):
        raise InvalidInputError(
            "`member_training.augmentation` must draw its random numbers from a keras.random.SeedGenerator "
            f"that is an attribute of the layer. Received: {name_of(layer)}, which changes the same images "
            "differently from the same state: a resumed training could not end as an uninterrupted one."
        )


def _part(name: str, part: Any) -> OwnPart:
    if not hasattr(part, "get_config"):
        if callable(part) and hasattr(part, "__qualname__"):
            return OwnPart(name=name_of(part), digest=json_digest(None))
        raise InvalidInputError(
            f'`member_training.{name}` must be a Keras object. Received: {part!r}. A name such as "mse" '
            "will not do: Keras' defaults take probabilities."
        )
    try:
        found = json_digest(_lasting(keras.saving.serialize_keras_object(part)["config"]))
    except Exception as error:
        raise InvalidInputError(
            f"`member_training.{name}` must have a `get_config` that returns its arguments, by which a "
            f"resumed training recognises it. Received: {name_of(type(part))} ({first_line(error)})"
        ) from error
    return OwnPart(name=name_of(type(part)), digest=found)


def _config(part: Any) -> Mapping[str, Any]:
    return part.get_config() if hasattr(part, "get_config") else {}


def _lasting(config: Any) -> Any:
    """Leaves out names that Keras counts, and what building adds."""
    if isinstance(config, dict):
        return {key: _lasting(value) for key, value in config.items() if key not in _CHANGING}
    if isinstance(config, list | tuple):
        return [
            _lasting(v) for v in config if not (isinstance(v, dict) and v.get("class_name") == "InputLayer")
        ]
    return config
