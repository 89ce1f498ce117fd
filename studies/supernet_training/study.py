"""What a study trains and scores: a frozen value, stored beside its results."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.value import Value

VARIANTS: dict[str, dict[str, Any]] = {
    "widths": {},
    "equal": {"stage_weights": "equal"},
    "cost": {"stage_weights": "cost"},
    "coupling": {"bilateral_coupling": True},
    "sandwich-stage-distilled": {"sandwich": "stage", "distillation": True},
    "sandwich-space": {"sandwich": "space"},
    "sandwich-space-distilled": {"sandwich": "space", "distillation": True},
}
BASELINE = "widths"
# What a super-supernet is scored with, and whether that is the average; one training serves both.
WEIGHTS = {"last": False, "average": True}


def known(variants: list[str]) -> tuple[str, ...]:
    """Variants by name.

    Raises:
      ScaleNetError: for one that there is not.
    """
    for variant in variants:
        if variant not in VARIANTS:
            raise ScaleNetError(f"`--variant` must be one of {list(VARIANTS)}. Received: {variant!r}")
    return tuple(variants)


class Study(Value):
    """Everything that decides the results.

    Attributes:
      steps: Of the baseline; the other variants take as many as cost the same multiply-adds.
      per_stage: Subnets of each scaling stage that are trained from scratch: the cheaper half of twice as
        many random ones.
      scratch_images: Images that a training from scratch runs through its subnet.
      averaged: Variants that are also scored with the moving average of their weights.
      calibration_images: To measure batch-norm statistics with, as many as the search takes.
      test_images: The first of the test split: accuracies from scratch, and those of the smallest, base and
        largest subnet, are over these.
      ranking_images: The first of these: what the cheap subnets inherit is measured on them.
    """

    data: DataConfig = DataConfig(augmentation=AugmentationConfig(shift=0.0))
    space: str = "small"
    seeds: int = Field(default=3, ge=1)
    variants: tuple[str, ...] = tuple(VARIANTS)
    averaged: tuple[str, ...] = (BASELINE,)
    steps: int = Field(default=2000, ge=1)
    batch_size: int = 64
    learning_rate: float = 0.2
    warmup: float = 0.04
    ema_decay: float = 0.999
    per_stage: int = Field(default=15, ge=1)
    scratch_images: int = 32_000
    scratch_batch_size: int = 128
    scratch_learning_rate: float = 0.2
    calibration_images: int = 512
    evaluation_batch_size: int = 500
    test_images: int = 5000
    ranking_images: int = 2000

    @classmethod
    def quick(cls, data: DataConfig) -> Study:
        """A minute's worth of every kind of work; its accuracies mean nothing."""
        return cls(
            data=data,
            seeds=1,
            variants=(BASELINE, "sandwich-space-distilled"),
            steps=8,
            batch_size=16,
            per_stage=1,
            scratch_images=64,
            scratch_batch_size=16,
            calibration_images=50,
            evaluation_batch_size=50,
            test_images=100,
            ranking_images=100,
        )
