"""Own losses, metrics and augmentations: their identity, and what is refused before a training begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import MembersConfig, Recipe
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import MemberTraining, train_member
from scalenet_tf.members.own_augmentation import augmented
from scalenet_tf.members.own_parts import check_usable, digests_of, identity_of
from scalenet_tf.members.step import check_training
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import check_parts, read_own_parts
from scalenet_tf.run.own_parts import OwnParts
from tests.helpers.networks import TINY_SUBNET

Focal = keras.losses.CategoricalFocalCrossentropy


class Noise(keras.layers.Layer):
    """Adds noise from a generator of its own."""

    def __init__(self, size: float = 3.0, **options: Any) -> None:
        super().__init__(**options)
        self.size, self.draws = size, keras.random.SeedGenerator()

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        return images + keras.random.normal(tf.shape(images), stddev=self.size, seed=self.draws)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


class Counted(keras.layers.Layer):
    """Changes images by a number that is no seed generator's."""

    calls = 0

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        Counted.calls += 1
        return images + Counted.calls


class Nameless(keras.losses.Loss):
    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("no config")


def plain_loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    return keras.losses.categorical_crossentropy(labels, logits, from_logits=True)


def layers_of(size: float) -> keras.layers.Layer:
    return keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(size)])


def test_the_identity_is_that_of_class_and_configuration() -> None:
    def identity(gamma: float, size: float) -> OwnParts:
        own = MemberTraining(
            loss=Focal(gamma=gamma, from_logits=True),
            metrics=[keras.metrics.TopKCategoricalAccuracy(3, name="top3")],
            augmentation=layers_of(size),
        )
        return identity_of(own)

    first = identity(2.0, 0.1)
    assert first.loss is not None and first.loss.name.endswith("CategoricalFocalCrossentropy")
    assert first == identity(2.0, 0.1)
    assert identity(3.0, 0.1).loss != first.loss and identity(3.0, 0.1).metrics == first.metrics
    assert identity(2.0, 0.2).augmentation != first.augmentation
    assert digests_of(first).keys() == {"own_loss", "own_metrics", "own_augmentation"}
    assert digests_of(identity_of(MemberTraining())) == {}
    by_function = identity_of(MemberTraining(loss=plain_loss)).loss
    assert by_function is not None and by_function.name.endswith("test_own_parts.plain_loss")


def test_a_layer_keeps_its_identity_when_it_has_been_used() -> None:
    layer = layers_of(0.1)
    before = identity_of(MemberTraining(augmentation=layer))
    check_usable(MemberTraining(augmentation=layer), Recipe(), TINY_SUBNET)
    assert identity_of(MemberTraining(augmentation=layer)) == before


@pytest.mark.parametrize(
    "layer",
    [layers_of(0.2), Noise(), keras.layers.RandomTranslation(0.2, 0.2), keras.layers.Rescaling(0.5)],
    ids=lambda layer: type(layer).__name__,
)
def test_an_augmentation_is_a_function_of_its_key(layer: keras.layers.Layer) -> None:
    check_usable(MemberTraining(augmentation=layer), Recipe(), TINY_SUBNET)
    images = tf.constant(np.random.default_rng(0).uniform(0, 255, (4, 12, 12, 1)), tf.float32)
    change = tf.function(lambda step: augmented(layer, images, tf.stack([tf.constant(7, tf.int64), step])))
    first, again, other = (change(tf.constant(step, tf.int64)).numpy() for step in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() == (not isinstance(layer, keras.layers.Rescaling))


@pytest.mark.parametrize(
    ("own", "text"),
    [
        (MemberTraining(loss=Focal()), "must take logits. Received: .* with from_logits=False"),
        (MemberTraining(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)), "finite number"),
        (
            MemberTraining(loss=lambda labels, logits: logits[0, 0] / 0),
            "Received from .*: a number that is not",
        ),
        (MemberTraining(metrics=[keras.metrics.SparseCategoricalAccuracy(), Nameless()]), "get_config"),
        (MemberTraining(augmentation=keras.layers.Resizing(3, 3)), "images of the same shape"),
        (MemberTraining(augmentation=Counted()), r"from a keras\.random\.SeedGenerator"),
        (MemberTraining(loss="mse"), r"`member_training\.loss` must be a Keras object. Received: 'mse'"),
    ],
)
def test_what_cannot_be_used_is_refused(own: MemberTraining, text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        identity_of(own)
        check_usable(own, Recipe(), TINY_SUBNET)


class OneNumber(keras.losses.Loss):
    """A loss of a batch, not of its images."""

    def call(self, labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(plain_loss(labels, logits))


@pytest.mark.parametrize("loss", [OneNumber(), lambda labels, logits: tf.reduce_mean(labels * logits)])
def test_one_number_for_a_batch_cannot_be_weighed_by_class(loss: Any) -> None:
    own, balanced = MemberTraining(loss=loss), Recipe(class_weights="balanced")
    check_usable(own, Recipe(), TINY_SUBNET)
    with pytest.raises(ScaleNetError, match=r"one loss per image.*Received: .*Return one loss per image, or"):
        check_usable(own, balanced, TINY_SUBNET)
    for weighable in (plain_loss, Focal(from_logits=True)):
        check_usable(MemberTraining(loss=weighable), balanced, TINY_SUBNET)


def test_a_teacher_and_several_jobs_are_refused(tmp_path: Path) -> None:
    own = MemberTraining(loss=plain_loss)
    with pytest.raises(ScaleNetError, match=r"cannot be combined with a teacher.*Received.*'largest'"):
        check_usable(own, Recipe(teacher="largest"), TINY_SUBNET)
    with pytest.raises(ScaleNetError, match=r"needs `members\.jobs` 1. Received: 2 jobs.*processes"):
        check_training(own, 2, MembersConfig(), 2)
    check_training(None, 2, MembersConfig(teacher="largest"), 2)
    with pytest.raises(ScaleNetError, match="cannot be combined with a teacher"):
        check_training(own, 1, MembersConfig(teacher="s1"), 2)
    recipe = tmp_path / "own.yaml"
    recipe.write_text("stages: [{}, {}, {teacher: s0}]")
    check_training(own, 1, MembersConfig(recipe=str(recipe)), 2)
    with pytest.raises(ScaleNetError, match="cannot be combined with a teacher"):
        check_training(own, 1, MembersConfig(recipe=str(recipe)), 3)


def test_members_are_trained_with_the_parts_of_the_first(scratch_run: Run) -> None:
    own = identity_of(MemberTraining(loss=Focal(from_logits=True)))
    check_parts(scratch_run, OwnParts())
    assert not scratch_run.own_parts_file.exists()
    check_parts(scratch_run, own)
    check_parts(scratch_run, own)
    assert read_own_parts(scratch_run) == own
    other = identity_of(MemberTraining(loss=Focal(gamma=3.0, from_logits=True)))
    with pytest.raises(ScaleNetError, match=r"trained with .*Focal.*Received: .*Focal.* differs in: loss"):
        check_parts(scratch_run, other)
    with pytest.raises(
        ScaleNetError, match=r"no own loss.* again with the same objects in `member_training`"
    ):
        train_member(scratch_run, 0)


@pytest.mark.slow
def test_a_member_that_began_without_parts_gets_none(trained_run: Run) -> None:
    own = MemberTraining(loss=Focal(from_logits=True))
    with pytest.raises(ScaleNetError, match=r"trained with no own loss.*differs in: loss"):
        train_member(trained_run, 0, own)
    assert train_member(trained_run, 0, MemberTraining(callbacks=[])).test_accuracy > 0.3
