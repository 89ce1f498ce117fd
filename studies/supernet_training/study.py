"""Everything that determines the results of the study, and its variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from scalenet_tf.config import AugmentationConfig, DataConfig, SupernetConfig
from scalenet_tf.errors import ScaleNetError
from studies.common.length import of_length
from studies.common.scoring import Scoring
from studies.common.study import StudyKind, StudyValue
from studies.common.training import Training


@dataclass(frozen=True)
class Variant:
    """A way to train the super-supernet.

    Attributes:
      steps: Number of steps as a multiple of the study's. Chosen such that all variants take about equal CPU
        time in the small space, but for `double` and `fourfold`; a report shows the seconds.
      keys: Keys of the section `supernet` that differ from the defaults of `free` draws with own weights.
    """

    steps: float
    keys: Mapping[str, Any]


def _variant(steps: float, sharing: str, draw: str, stage_weights: str, **keys: Any) -> Variant:
    return Variant(steps, {"sharing": sharing, "draw": draw, "stage_weights": stage_weights, **keys})


VARIANTS = {
    "op-free-widths": _variant(1.0, "op", "free", "widths"),
    "slot-free-widths": _variant(1.0, "slot", "free", "widths"),
    "op-budget-resolutions": _variant(1.5, "op", "budget", "resolutions"),
    "slot-budget-resolutions": _variant(1.5, "slot", "budget", "resolutions"),
    "slot-budget-widths": _variant(1.5, "slot", "budget", "widths"),
    "slot-budget-cost": _variant(2.2, "slot", "budget", "cost"),
    "slot-budget-sandwich": _variant(
        0.3, "slot", "budget", "resolutions", sandwich="stage", distillation=True
    ),
    "slot-budget-double": _variant(3.0, "slot", "budget", "resolutions"),
    "slot-budget-fourfold": _variant(6.0, "slot", "budget", "resolutions"),
}


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
    """Everything that determines the results. The defaults are about the amounts of the quickstart.

    Attributes:
      data: The images.
      space: Name of the search space.
      seeds: Number of super-supernets per variant, and of trainings from scratch per subnet: seeds 0, 1, …
        The seed also draws the splits.
      variants: Names of the variants, of `VARIANTS`.
      steps: Training steps of a variant whose multiple is 1.
      batch_size: Images per training step of a super-supernet.
      learning_rate: Peak learning rate of a super-supernet.
      warmup: Fraction of a training, 0 to 1, over which the learning rate rises.
      per_stage: Subnets per scaling stage, all within its budget.
      scratch_images: Number of training images in a training from scratch, repetitions included.
      scratch_batch_size: Images per step of a training from scratch.
      scratch_learning_rate: Peak learning rate of a training from scratch.
      scratch_weight_decay: Weight decay of a training from scratch.
      calibration_images: Images that recalibrate batch norm, as many as in a search.
      evaluation_batch_size: Images per forward pass of a score.
      test_images: Test images that measure all accuracies: the first ones of the split.
    """

    data: DataConfig = DataConfig(train_images=16_000, augmentation=AugmentationConfig(shift=0.0))
    space: str = "small"
    seeds: int = Field(default=3, ge=1)
    variants: tuple[str, ...] = tuple(VARIANTS)
    steps: int = Field(default=1000, ge=1)
    batch_size: int = 64
    learning_rate: float = 0.2
    warmup: float = 0.05
    per_stage: int = Field(default=10, ge=1)
    scratch_images: int = 84_000
    scratch_batch_size: int = 128
    scratch_learning_rate: float = 0.5
    scratch_weight_decay: float = 0.005
    calibration_images: int = 500
    evaluation_batch_size: int = 500
    test_images: int = 5000

    def supernet(self, variant: str) -> SupernetConfig:
        """The training of a variant; its warm-up is the same fraction of any number of steps."""
        steps = max(1, round(VARIANTS[variant].steps * self.steps))
        config = SupernetConfig(
            batch_size=self.batch_size, learning_rate=self.learning_rate, **VARIANTS[variant].keys
        )
        return of_length(config, steps, self.warmup)

    @property
    def scoring(self) -> Scoring:
        """The images that measure the accuracy that a subnet inherits."""
        return Scoring(self.calibration_images, self.test_images, "test", self.evaluation_batch_size)

    @property
    def scratch(self) -> Training:
        """The training of a subnet from scratch."""
        return Training(
            images=self.scratch_images,
            batch_size=self.scratch_batch_size,
            learning_rate=self.scratch_learning_rate,
            warmup=self.warmup,
            weight_decay=self.scratch_weight_decay,
            test_images=self.test_images,
            evaluation_batch_size=self.evaluation_batch_size,
        )

    @classmethod
    def quick(cls, data: DataConfig) -> Study:
        """A minute's work of every kind; its accuracies mean nothing."""
        return cls(
            data=data,
            seeds=1,
            variants=("op-free-widths", "slot-budget-resolutions"),
            steps=8,
            batch_size=16,
            per_stage=1,
            scratch_images=64,
            scratch_batch_size=16,
            calibration_images=50,
            evaluation_batch_size=50,
            test_images=100,
        )


KIND = StudyKind(
    "studies.supernet_training",
    Study,
    ("scratch", "supernet"),
    "studies/supernet_training/data/quickstart.jsonl",
)
