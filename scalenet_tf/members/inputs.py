"""Training input of a member: the images of an epoch, changed by its recipe, and targets."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import AugmentationConfig, Recipe
from scalenet_tf.data import DataSet
from scalenet_tf.data.batch_augment import DRAWS, Mixing, RandAugment, stateless
from scalenet_tf.data.pipeline_options import PARALLEL, PREFETCH, untuned
from scalenet_tf.members.answers import Lesson
from scalenet_tf.members.class_weights import balanced_weights, with_weights
from scalenet_tf.members.own_augmentation import augmented
from scalenet_tf.members.plan import one_hot
from scalenet_tf.utils.random_streams import RandomStream

Changes = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def epoch_steps(data: DataSet, recipe: Recipe) -> int:
    """Number of steps per epoch: whole batches of the train split, or of its first `epoch_images`."""
    steps = data.steps_per_epoch(recipe.batch_size)
    return steps if recipe.epoch_images is None else min(steps, -(-recipe.epoch_images // recipe.batch_size))


def training_pairs(
    data: DataSet,
    recipe: Recipe,
    augmentation: AugmentationConfig,
    changes: Changes | None,
    *,
    seed: int,
    epoch: int,
    resolution: int,
    lesson: Lesson | None = None,
) -> tf.data.Dataset:
    """One epoch of (images, targets), with class weights (images, targets, weights).

    It is a pure function of the arguments. Targets are one-hot or multi-hot labels; with a lesson, the
    teacher's answers are beside them, see `TaughtLoss`. The configured augmentation comes first, at the size
    of the stored images; the changes of the recipe, from `recipe_changes`, come after the resize.
    """
    source = data if lesson is None else lesson.data
    batches = source.epoch_batches(
        batch_size=recipe.batch_size,
        seed=seed,
        epoch=epoch,
        resolution=resolution,
        augmentation=augmentation,
    )
    steps = epoch_steps(data, recipe)
    batches = batches.take(steps)
    pairs = one_hot(batches, data.info.classes) if lesson is None else lesson.pairs(batches)
    if changes is not None:
        pairs = _changed(pairs, changes, epoch * steps, steps)
    if recipe.class_weights == "balanced":
        pairs = with_weights(pairs, balanced_weights(data.train.class_ids(), data.info.classes))
    return pairs


def _changed(pairs: tf.data.Dataset, changes: Changes, first_step: int, steps: int) -> tf.data.Dataset:
    numbers = tf.data.Dataset.range(first_step, first_step + steps)
    changed = tf.data.Dataset.zip(numbers, pairs).map(
        lambda step, pair: changes(step, *pair), num_parallel_calls=PARALLEL
    )
    return untuned(changed.prefetch(PREFETCH))


def recipe_changes(recipe: Recipe, seed: int, own: keras.layers.Layer | None = None) -> Changes | None:
    """An own layer, RandAugment, random erasing and mixing of a recipe, or None if there are none of them.

    Returns:
      A function from (step, images, labels) to changed images and labels. It is traced once; without that,
      the pipeline of each epoch would trace dozens of layers again.
    """
    if not (
        own is not None or recipe.rand_augment or recipe.erase_probability or recipe.mixup or recipe.cutmix
    ):
        return None
    rand_augment = RandAugment.of(recipe.rand_augment, recipe.rand_augment_magnitude)
    erase = keras.layers.RandomErasing((recipe.erase_probability,) * 2, dtype="float32")
    mixing = Mixing.of(recipe.mixup, recipe.cutmix)
    seeds = np.random.SeedSequence([seed, RandomStream.MEMBER_AUGMENTATION]).generate_state(3)
    fourth = np.random.SeedSequence([seed, RandomStream.OWN_AUGMENTATION]).generate_state(1)[0]

    def change(step: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        first, second, third = (
            tf.stack([tf.constant(int(number), tf.int64), step * DRAWS * (1 + recipe.rand_augment)])
            for number in seeds
        )
        if own is not None:
            images = augmented(own, images, tf.stack([tf.constant(int(fourth), tf.int64), step]))
        images = rand_augment(images, first)
        if recipe.erase_probability:
            images = tf.ensure_shape(stateless(erase, images, second), images.shape)
        return mixing(images, labels, third)

    return tf.function(change)
