"""The recipe of a member's training, as a frozen value."""

from __future__ import annotations

import typing
from typing import Literal

from pydantic import Field, field_validator

from scalenet_tf.config.task import Task
from scalenet_tf.config.teacher import NO_TEACHER, check_teacher
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value

Fraction = typing.Annotated[Real, Field(ge=0, le=1)]
Rate = typing.Annotated[Real, Field(ge=0, lt=1)]
Epochs = typing.Annotated[Integer, Field(ge=0, le=10**6)]
RECIPE_NAMES = ("default", "regularized")
FORMER_RECIPES = ("efficientnet", "adamw")  # Listed nowhere; runs that were begun with them go on.


class Recipe(Value):
    """Everything that determines the training of a member: the section `members`, or a recipe file."""

    start: Literal["auto", "supernet", "scratch"] = Field(
        default="auto",
        description="Initial weights: those of the super-supernet, or new ones (scratch). By auto a member "
        "inherits unless it is larger than the super-supernet.",
    )
    epochs: Epochs | typing.Annotated[tuple[Epochs, ...], Field(max_length=64)] = Field(
        default=5,
        description="Number of epochs with inherited weights, 0 to keep them as they are; a list is indexed "
        "by scaling stage, its last entry repeating.",
    )
    scratch_epochs: Integer = Field(default=10, ge=1, le=10**6, description="Number of epochs from scratch.")
    batch_size: Integer = Field(default=64, ge=1, le=10**6, description="Images per batch.")
    gradient_accumulation_steps: Integer = Field(
        default=1, ge=1, le=10**6, description="Number of batches whose mean gradient makes one update."
    )
    epoch_images: Integer | None = Field(
        default=None,
        ge=1,
        le=10**9,
        description="Images in an epoch, the first ones of its shuffle. Default: all.",
    )
    optimizer: Literal["sgd", "rmsprop", "adamw"] = Field(
        default="sgd", description="Keras optimizer; sgd has Nesterov momentum."
    )
    learning_rate: Real = Field(default=0.02, gt=0, description="Peak learning rate with inherited weights.")
    scratch_learning_rate: Real = Field(default=0.1, gt=0, description="Peak learning rate from scratch.")
    warmup_epochs: Real = Field(
        default=0.5, ge=0, description="Epochs in which the learning rate rises linearly to its peak."
    )
    momentum: Rate = Field(default=0.9, description="Momentum of sgd and rmsprop, or beta_1 of adamw.")
    epsilon: Real | None = Field(
        default=None, gt=0, description="Epsilon of rmsprop and adamw. Default: that of Keras."
    )
    weight_decay: Real = Field(
        default=1e-4, ge=0, description="Decoupled weight decay of kernels, as in Keras; 0 for none."
    )
    clip_norm: Real = Field(
        default=5.0,
        ge=0,
        description="Largest global norm of the gradient, to which larger ones are scaled; 0 for no limit.",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32",
        description="Data type that training computes in; weights and exported networks are float32.",
    )
    ema_decay: Rate = Field(
        default=0.0,
        description="Decay per update of an exponential moving average of the weights, which is then "
        "evaluated and exported; 0 for none.",
    )
    batch_norm_momentum: Rate = Field(
        default=0.9, description="Momentum of the running batch-norm statistics, per batch."
    )
    label_smoothing: Fraction = Field(
        default=0.1,
        description="Share of each label that is spread evenly over all classes, or for the task multi_label "
        "over present and absent, as Keras does it.",
    )
    class_weights: Literal["none", "balanced"] = Field(
        default="none",
        description="Weight of a training image in the loss: none, 1 for all; balanced, images / (classes * "
        "images of its class), so that every class counts alike, for the task single_label only.",
    )
    teacher: Text = Field(
        default=NO_TEACHER,
        description="Network whose answers to the training images a member learns beside the labels: none; "
        "largest, the member with the most multiply-adds, trained first; a member such as s4; a Keras model "
        "(FILE.keras) from images in 0 to 255 to logits; or the folder members/sN of a run.",
    )
    teacher_weight: Fraction = Field(
        default=0.7, description="Share of the teacher's answers in the loss; the rest is that of the labels."
    )
    teacher_temperature: Real = Field(
        default=2.0,
        ge=1e-3,
        le=1e6,
        description="Temperature that divides the logits of teacher and member in the loss; a higher one "
        "shows more of what the teacher sees in the wrong classes.",
    )
    dropout: Rate = Field(default=0.0, description="Dropout rate before the classifier.")
    stochastic_depth: Rate = Field(
        default=0.0,
        description="Probability that an image skips the last residual block; it falls linearly to the "
        "first block.",
    )
    rand_augment: Integer = Field(
        default=0,
        ge=0,
        le=100,
        description="Number of random changes of each image by RandAugment; 0 for none.",
    )
    rand_augment_magnitude: Fraction = Field(default=0.5, description="Strength of RandAugment's changes.")
    erase_probability: Fraction = Field(
        default=0.0,
        description="Probability that a rectangle of 2 to 33 % of an image is replaced by noise.",
    )
    mixup: Real = Field(default=0.0, ge=0, description="Alpha of mixup; 0 for none.")
    cutmix: Real = Field(
        default=0.0,
        ge=0,
        description="Alpha of cutmix; 0 for none. With mixup on as well, each batch gets one of the two.",
    )
    patience: Integer | None = Field(
        default=None,
        ge=1,
        le=10**6,
        description="Stop after this many epochs without a better validation accuracy, and keep the weights "
        "of the best epoch. Default: no early stopping.",
    )
    min_delta: Fraction = Field(
        default=0.0, description="Smallest gain in accuracy that counts as better, for `patience`."
    )

    def epochs_at(self, stage: int) -> int:
        """Number of epochs with inherited weights at a scaling stage, from 0."""
        epochs = self.epochs if isinstance(self.epochs, tuple) else (self.epochs,)
        return epochs[min(stage, len(epochs) - 1)]

    @field_validator("teacher")
    @classmethod
    def _teacher(cls, value: str) -> str:
        return check_teacher(value)


def check_class_weights(recipe: Recipe, task: Task) -> None:
    """Checks that the class weights of a recipe exist for a task.

    Args:
      recipe: The recipe.
      task: Task of the run.

    Raises:
      ScaleNetError: If an image would have several labels, and so no weight of its own.
    """
    if task is Task.multi_label and recipe.class_weights != "none":
        raise InvalidInputError(
            "`members.class_weights` must be none for the task multi_label, where an image has no single "
            f"class whose weight it could have. Received: {recipe.class_weights}. An own loss can weigh "
            "labels: `member_training.loss` from Python."
        )


def check_start(recipe: Recipe, member: str, *, extrapolated: bool) -> None:
    """Checks that the weights that a member's recipe starts from are sure to exist.

    Args:
      recipe: Recipe of the member.
      member: Name of the member in the error text, such as "s4".
      extrapolated: Whether the member is extrapolated, so that the super-supernet may have no weights for it.

    Raises:
      ScaleNetError: If an extrapolated member should start from the super-supernet.
    """
    if recipe.start == "supernet" and extrapolated:
        raise InvalidInputError(
            f"`members.start` must be auto or scratch for {member}, which is extrapolated: it "
            "may be larger than the super-supernet. Received: 'supernet'. By auto it inherits where it can."
        )
