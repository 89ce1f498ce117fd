"""The section `supernet` of a configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from scalenet_tf.config.recipe import Fraction
from scalenet_tf.config.sharing import Sharing
from scalenet_tf.utils.inputs import Integer, Real
from scalenet_tf.utils.value import Value


class SupernetConfig(Value):
    """Training of the super-supernet (paper, section 4.1; `imagenet` has the reference's values)."""

    steps: Integer = Field(default=2000, ge=1, le=10**9, description="Number of training steps.")
    batch_size: Integer = Field(
        default=128, ge=1, le=10**6, description="Images per step, over all replicas."
    )
    learning_rate: Real = Field(
        default=0.2, gt=0, description="Peak learning rate, from which a cosine schedule falls to 0."
    )
    warmup_steps: Integer = Field(
        default=100,
        ge=0,
        le=10**9,
        description="Steps in which the learning rate rises linearly to its peak.",
    )
    momentum: Real = Field(default=0.9, ge=0, lt=1, description="Nesterov momentum.")
    weight_decay: Real = Field(
        default=4e-5, ge=0, description="Weight decay, added to the gradient as in PyTorch's SGD."
    )
    conv_decay_factor: Real = Field(
        default=2.0, ge=0, description="Factor on `weight_decay` for the kernels of convolutions."
    )
    label_smoothing: Fraction = Field(
        default=0.1, description="Share of each label that is spread evenly over all classes."
    )
    clip_norm: Real = Field(
        default=5.0,
        ge=0,
        description="Largest global norm of the gradient, to which larger ones are scaled; 0 for no limit.",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32",
        description="Data type that training computes in; weights, statistics and the loss stay float32.",
    )
    sharing: Sharing = Field(
        default="slot",
        description="Sharing of weights: one set of weights for each block, of which smaller kernels and "
        "expansions use a part (slot), or none among the ops of a block, as in the paper's code (op).",
    )
    draw: Literal["free", "budget"] = Field(
        default="budget",
        description="Subnets that training draws: those within the budget of their scaling stage, from which "
        "the search chooses (budget), or any of the menus, as in the paper's code (free).",
    )
    stage_weights: (
        Literal["widths", "equal", "cost", "resolutions"] | Annotated[tuple[Real, ...], Field(max_length=32)]
    ) = Field(
        default="resolutions",
        description="Probability of each scaling stage: such that all resolutions are equally frequent "
        "(resolutions), proportional to its number of widths, as in the paper's code (widths), equal, "
        "proportional to the inverse of its mean cost, or a list of weights.",
    )
    sandwich: Literal["stage", "space"] | None = Field(
        default=None,
        description="Also train the largest and the smallest subnet in every step, those of the drawn "
        "scaling stage or of the whole space.",
    )
    distillation: bool = Field(
        default=False,
        description="In a sandwich, train the smaller subnets on the largest one's predictions.",
    )
    bilateral_coupling: bool = Field(
        default=False,
        description="In every other step, train subnets in the last channels instead of the first ones.",
    )
    ema_decay: Real = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Decay of an exponential moving average of the weights, which search and members then "
        "use; 0 for none.",
    )
    checkpoint_steps: Integer = Field(
        default=500, ge=1, le=10**9, description="Steps between two checkpoints."
    )
    checkpoint_minutes: Real = Field(
        default=10.0,
        ge=0,
        description="Minutes between further checkpoints, saved in between; 0 for none.",
    )
    log_steps: Integer = Field(default=50, ge=1, le=10**6, description="Steps between two rows of the log.")

    @field_validator("distillation")
    @classmethod
    def _needs_a_teacher(cls, distillation: bool, info: ValidationInfo) -> bool:
        if distillation and info.data.get("sandwich") is None:
            raise ValueError("needs `supernet.sandwich`, stage or space, whose largest subnet teaches")
        return distillation
