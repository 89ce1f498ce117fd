"""Everything that determines the results of the study, and its variants."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.errors import ScaleNetError
from studies.common.study import StudyKind, StudyValue

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
# Weights that a super-supernet is scored with, and whether they are the moving average. One training gives
# both.
WEIGHTS = {"last": False, "average": True}


def check_variants(variants: list[str]) -> tuple[str, ...]:
    """Names of variants, checked.

    Raises:
      ScaleNetError: If there is no variant of that name.
    """
    for variant in variants:
        if variant not in VARIANTS:
            raise ScaleNetError(f"`--variant` must be one of {list(VARIANTS)}. Received: {variant!r}")
    return tuple(variants)


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images.
      space: Name of the search space.
      seeds: Number of super-supernets per variant: seeds 0, 1, …
      variants: Names of the variants, of `VARIANTS`.
      averaged: Names of the variants that are also scored with the moving average of their weights.
      steps: Training steps of the baseline; the other variants spend the same multiply-adds.
      batch_size: Images per training step of a super-supernet.
      learning_rate: Peak learning rate of a super-supernet.
      warmup: Fraction of a training, 0 to 1, over which the learning rate rises.
      ema_decay: Decay of the moving average of the weights.
      per_stage: Subnets per scaling stage that are trained from scratch: the cheaper half of twice as many
        random ones.
      scratch_images: Number of training images in a training from scratch, repetitions included.
      scratch_batch_size: Images per step of a training from scratch.
      scratch_learning_rate: Peak learning rate of a training from scratch.
      calibration_images: Images that recalibrate batch norm, as many as in a search.
      evaluation_batch_size: Images per forward pass of a score.
      test_images: Test images that measure the accuracies from scratch, and the inherited ones of the
        smallest, base and largest subnet: the first ones of the split.
      ranking_images: Test images that measure the inherited accuracies of the cheap subnets.
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
        """A minute's work of every kind; its accuracies mean nothing."""
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


KIND = StudyKind(
    "studies.supernet_training", Study, ("items", "ranking"), "studies/supernet_training/data/ranking.jsonl"
)
