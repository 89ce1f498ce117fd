"""Everything that determines the results of the study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scalenet_tf.config import DataConfig, SupernetConfig
from studies.common.length import of_length
from studies.common.scoring import Scoring
from studies.common.study import StudyKind, StudyValue

Sharing = Literal["slot", "op"]


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images: CIFAR-10, which the networks of the table were trained on.
      digest: SHA-256 of the table's file.
      sharings: Values of `supernet.sharing`; each has its super-supernets.
      steps: Lengths of training; each has a super-supernet of its own, as the learning rate falls to its end.
      batch_size: Images per training step.
      learning_rate: Peak learning rate.
      warmup: Fraction of a training, 0 to 1, over which the learning rate rises.
      networks: Number of networks that are scored, drawn from all of the table that the space expresses.
      calibration_images: Images that recalibrate batch norm for a score.
      validation_images: Images that measure a score.
      scoring_batch_size: Images per forward pass of a score.
      seed: Seed of the trainings and of the draw.
    """

    data: DataConfig
    digest: str
    sharings: tuple[Sharing, ...] = ("slot", "op")
    steps: tuple[int, ...] = (250, 750, 2250, 6750)
    batch_size: int = 64
    learning_rate: float = 0.1
    warmup: float = 0.05
    networks: int = Field(default=160, ge=20)
    calibration_images: int = 250
    validation_images: int = 500
    scoring_batch_size: int = 250
    seed: int = 0

    @classmethod
    def quick(cls, data: DataConfig, digest: str) -> Study:
        """A minute's work; its ranks mean nothing."""
        return cls(
            data=data,
            digest=digest,
            sharings=("slot",),
            steps=(2,),
            batch_size=8,
            networks=20,
            calibration_images=20,
            validation_images=20,
            scoring_batch_size=20,
        )

    def supernet(self, sharing: Sharing, steps: int) -> SupernetConfig:
        """The product's default training, with a warm-up that is the same fraction of any number of steps."""
        config = SupernetConfig(batch_size=self.batch_size, learning_rate=self.learning_rate, sharing=sharing)
        return of_length(config, steps, self.warmup, log_steps=50)

    @property
    def scoring(self) -> Scoring:
        """The images that a score takes."""
        return Scoring(self.calibration_images, self.validation_images, "validation", self.scoring_batch_size)


KIND = StudyKind(
    "studies.supernet_ranking",
    Study,
    ("table", "supernet"),
    "studies/supernet_ranking/data/cifar10.jsonl",
    start="run TABLE",
)
