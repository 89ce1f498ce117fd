"""How a member is trained: one recipe, two lengths."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import tensorflow as tf

from scalenet_tf.config import MembersConfig
from scalenet_tf.members.family import Member


@dataclass(frozen=True)
class Recipe:
    """What a member's origin decides."""

    epochs: int
    learning_rate: float

    @classmethod
    def of(cls, member: Member, config: MembersConfig) -> Recipe:
        """Few epochs at a low rate with inherited weights; more of both from scratch."""
        if member.origin == "search":
            epochs = config.epochs if isinstance(config.epochs, tuple) else (config.epochs,)
            return cls(epochs[min(member.stage, len(epochs) - 1)], config.learning_rate)
        return cls(config.scratch_epochs, config.scratch_learning_rate)


def make_optimizer(config: MembersConfig, recipe: Recipe, steps_per_epoch: int) -> keras.optimizers.SGD:
    """SGD with Nesterov momentum under a cosine schedule with a linear warm-up.

    Weight decay is Keras' decoupled one, learning rate x decay x weight, on kernels only.
    """
    total = recipe.epochs * steps_per_epoch
    warmup = min(round(config.warmup_epochs * steps_per_epoch), total - 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        # The first step of a warm-up from 0 would be wasted.
        initial_learning_rate=recipe.learning_rate / warmup if warmup else recipe.learning_rate,
        decay_steps=total - warmup,
        warmup_target=recipe.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=config.momentum,
        nesterov=config.momentum > 0,
        weight_decay=config.weight_decay or None,
        global_clipnorm=config.clip_norm,
    )
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def compile_for_training(
    model: keras.Model, config: MembersConfig, recipe: Recipe, steps_per_epoch: int
) -> None:
    """Readies a model for `fit` on (images, one-hot labels)."""
    optimizer = make_optimizer(config, recipe, steps_per_epoch)
    # Its slots exist from here on, so that a saved state can be loaded into them.
    optimizer.build(model.trainable_variables)
    _compile(model, optimizer, config.label_smoothing)


def compile_for_evaluation(model: keras.Model) -> None:
    """Readies a model for `evaluate` on (images, one-hot labels)."""
    _compile(model, keras.optimizers.SGD(), label_smoothing=0.0)


def one_hot(batches: tf.data.Dataset, classes: int) -> tf.data.Dataset:
    """(images, labels) with labels as float32 [N, classes], which label smoothing needs."""
    return batches.map(lambda images, labels: (images, tf.one_hot(labels, classes)))


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer, label_smoothing: float) -> None:
    model.compile(
        optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        # XLA on CPU is many times slower than oneDNN's kernels on these networks.
        jit_compile=False,
    )
