"""How a member is trained, as one frozen value."""

from __future__ import annotations

import typing
from typing import Literal

from pydantic import Field

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.value import Value

Fraction = typing.Annotated[float, Field(ge=0, le=1)]
Rate = typing.Annotated[float, Field(ge=0, lt=1)]
Epochs = typing.Annotated[int, Field(ge=1)]
RECIPE_NAMES = ("default", "regularized", "efficientnet", "adamw")


class Recipe(Value):
    """Everything that decides the training of a member; the section `members` and recipe files hold it."""

    start: Literal["auto", "supernet", "scratch"] = Field(
        default="auto",
        description="initial weights: auto takes the super-supernet's for searched members, and "
        "draws new ones for extrapolated members",
    )
    epochs: Epochs | tuple[Epochs, ...] = Field(
        default=5,
        description="of a member that inherits its weights; a list goes by stage, its last for the rest",
    )
    scratch_epochs: int = Field(default=10, ge=1, description="of a member that starts from scratch")
    batch_size: int = Field(default=64, ge=1)
    gradient_accumulation_steps: int = Field(
        default=1, ge=1, description="batches whose mean gradient makes one update; 1 for none"
    )
    epoch_images: int | None = Field(
        default=None, ge=1, description="images of an epoch, the first of its shuffle; all where none"
    )
    optimizer: Literal["sgd", "rmsprop", "adamw"] = Field(
        default="sgd", description="Keras' own; sgd with Nesterov momentum"
    )
    learning_rate: float = Field(default=0.02, gt=0, description="peak, with inherited weights")
    scratch_learning_rate: float = Field(default=0.1, gt=0, description="peak, from scratch")
    warmup_epochs: float = Field(default=0.5, ge=0)
    momentum: Rate = Field(default=0.9, description="of sgd and rmsprop; beta_1 of adamw")
    epsilon: float | None = Field(
        default=None, gt=0, description="of rmsprop and adamw; Keras' own where none"
    )
    weight_decay: float = Field(default=1e-4, ge=0)
    clip_norm: float = Field(default=5.0, gt=0)
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32", description="what training computes in; weights and exported networks are float32"
    )
    ema_decay: Rate = Field(
        default=0.0,
        description="of a moving average of the weights over updates, which is evaluated and exported; 0 for "
        "none",
    )
    batch_norm_momentum: Rate = Field(default=0.9, description="of the running statistics, over batches")
    label_smoothing: Fraction = 0.1
    dropout: Rate = Field(default=0.0, description="before the classifier")
    stochastic_depth: Rate = Field(
        default=0.0,
        description="probability that an image skips the last residual block; earlier blocks in proportion",
    )
    rand_augment: int = Field(default=0, ge=0, description="random changes of each image by RandAugment")
    rand_augment_magnitude: Fraction = Field(default=0.5, description="strength of these changes")
    erase_probability: Fraction = Field(
        default=0.0, description="of random erasing: a rectangle of 2 to 33 % of the image becomes noise"
    )
    mixup: float = Field(default=0.0, ge=0, description="alpha of mixup; 0 for none")
    cutmix: float = Field(
        default=0.0, ge=0, description="alpha of cutmix; with mixup on too, each batch gets one of them"
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        description="epochs without a better validation accuracy after which training stops, as Keras' "
        "EarlyStopping; the best epoch's weights are kept. No early stopping where none",
    )
    min_delta: Fraction = Field(default=0.0, description="the least gain that counts as better, for patience")


def check_start(recipe: Recipe, member: str, *, extrapolated: bool) -> None:
    """Raises ScaleNetError where a member should start from weights that the super-supernet does not hold."""
    if recipe.start == "supernet" and extrapolated:
        raise ScaleNetError(
            f"`members.start` must be auto or scratch for {member}, which is extrapolated: the "
            "super-supernet holds no weights for it. Received: 'supernet'"
        )
