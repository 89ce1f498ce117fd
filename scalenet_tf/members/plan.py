"""The plan of a member's training: recipe, number of epochs, learning rate and optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf

from scalenet_tf.config import MembersConfig, Recipe, Task, check_start, recipe_of
from scalenet_tf.members.distillation import LabelAccuracy, TaughtLoss
from scalenet_tf.members.mean_average_precision import MeanAveragePrecision
from scalenet_tf.members.member_training import NOTHING_OWN, Loss, MemberTraining
from scalenet_tf.models.outputs import as_targets, loss_of
from scalenet_tf.run.family import Member
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.largest import is_held


@dataclass(frozen=True)
class Plan:
    """The plan of a member's training.

    Attributes:
      recipe: The recipe.
      inherits: Whether training starts from existing weights rather than from scratch.
      epochs: Number of epochs.
      learning_rate: Peak learning rate.
    """

    recipe: Recipe
    inherits: bool
    epochs: int
    learning_rate: float

    @classmethod
    def of(cls, member: Member, config: MembersConfig, space: SearchSpace) -> Plan:
        """Makes the plan of a member from the section `members`.

        Args:
          member: The member.
          config: The section `members`.
          space: Space of the super-supernet. An extrapolated member that is no larger than it can inherit.

        Raises:
          ScaleNetError: If the recipe is not valid, or needs weights that the super-supernet does not have.
        """
        recipe = recipe_of(config, member.stage)
        extrapolated = member.origin == "extrapolated"
        check_start(recipe, member.name, extrapolated=extrapolated)
        there = not extrapolated or is_held(space, member.subnet)
        # A transferred member starts from the weights of the member that it was made from.
        inherits = member.origin == "transferred" or (there and recipe.start != "scratch")
        return cls.starting(recipe, member.stage, inherits=inherits)

    @classmethod
    def starting(cls, recipe: Recipe, stage: int, *, inherits: bool) -> Plan:
        """Makes the plan of a recipe for inherited weights, or from scratch."""
        if not inherits:
            return cls(recipe, False, recipe.scratch_epochs, recipe.scratch_learning_rate)
        return cls(recipe, True, recipe.epochs_at(stage), recipe.learning_rate)


def make_optimizer(plan: Plan, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """Makes the Keras optimizer of a plan, with a cosine schedule and linear warm-up over batches.

    Weight decay is decoupled as in Keras, learning rate x decay x weight, and applies to kernels only.
    """
    recipe = plan.recipe
    total = max(1, plan.epochs * steps_per_epoch)  # A schedule needs a step, even if none is made.
    # A training of fewer batches than one update takes would change nothing.
    batches = min(recipe.gradient_accumulation_steps, total)
    warmup = min(round(recipe.warmup_epochs * steps_per_epoch), total - 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        # A warm-up from 0 would waste its first step.
        initial_learning_rate=plan.learning_rate / warmup if warmup else plan.learning_rate,
        decay_steps=total - warmup,
        warmup_target=plan.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    shared = {
        "global_clipnorm": recipe.clip_norm or None,
        "use_ema": recipe.ema_decay > 0,
        # Keras updates the average after each batch, but the weights change once per update.
        "ema_momentum": recipe.ema_decay ** (1 / batches),
        "gradient_accumulation_steps": batches if batches > 1 else None,
    }
    stable = {} if recipe.epsilon is None else {"epsilon": recipe.epsilon}
    optimizer: keras.optimizers.Optimizer
    if recipe.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(
            schedule,
            momentum=recipe.momentum,
            nesterov=recipe.momentum > 0,
            weight_decay=recipe.weight_decay or None,
            **shared,
        )
    elif recipe.optimizer == "rmsprop":
        optimizer = keras.optimizers.RMSprop(
            schedule,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay or None,
            **stable,
            **shared,
        )
    else:
        optimizer = keras.optimizers.AdamW(
            schedule, beta_1=recipe.momentum, weight_decay=recipe.weight_decay, **stable, **shared
        )
    if recipe.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    if recipe.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def compile_for_training(
    model: keras.Model,
    plan: Plan,
    steps_per_epoch: int,
    own: MemberTraining = NOTHING_OWN,
    *,
    taught: bool = False,
    task: Task = Task.single_label,
) -> None:
    """Compiles a model for `fit` on (images, targets), or, if it is taught, on a `Lesson`'s pairs.

    An own loss takes the place of the recipe's; own metrics come after the task's score, which histories call
    accuracy.
    """
    recipe = plan.recipe
    optimizer = make_optimizer(plan, steps_per_epoch)
    # Create its slots now, so that a saved state can be loaded into them.
    optimizer.build(model.trainable_variables)
    score = _score_metric(task, model.output_shape[-1], taught)
    if taught:
        weight, temperature = recipe.teacher_weight, recipe.teacher_temperature
        _compile(model, optimizer, TaughtLoss(weight, temperature, recipe.label_smoothing, task), score)
    else:
        loss = own.loss or loss_of(task, recipe.label_smoothing)
        _compile(model, optimizer, loss, score, own.new_metrics())


def one_hot(batches: tf.data.Dataset, classes: int) -> tf.data.Dataset:
    """Converts labels to targets float32 [N, classes], which label smoothing needs: one-hot or multi-hot."""
    return batches.map(lambda images, labels: (images, as_targets(labels, classes)))


def _score_metric(task: Task, classes: int, taught: bool) -> keras.metrics.Metric:
    if task is Task.multi_label:
        return MeanAveragePrecision(classes, name="accuracy")
    return (LabelAccuracy if taught else keras.metrics.CategoricalAccuracy)(name="accuracy")


def _compile(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    loss: Loss,
    score: keras.metrics.Metric,
    own: Sequence[keras.metrics.Metric] = (),
) -> None:
    model.compile(
        optimizer,
        loss=loss,
        metrics=[score, *own],
        # XLA on CPU is many times slower than oneDNN's kernels on these networks.
        jit_compile=False,
    )
