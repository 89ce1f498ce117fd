"""Everything that determines the results of the study."""

from __future__ import annotations

from pydantic import Field

from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from studies.common.study import StudyKind, StudyValue
from studies.common.training import Training


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images.
      space: The space that was searched.
      base: The base that the search found.
      scalings: The scalings that the search found, S0 first; at least four.
      tolerance: Largest relative distance from growth^stage times the multiply-adds of the base.
      random: Number of random scalings per stage.
      seeds: Number of trainings per network, with different initial weights and orders of the images.
      images: Number of training images per training, repetitions included.
      batch_size: Images per step.
      learning_rate: Peak learning rate.
      warmup: Fraction of a training, 0 to 1, over which the learning rate rises.
      test_images: Test images that measure an accuracy.
    """

    space: SearchSpace
    base: BaseArchitecture
    scalings: tuple[Scaling, ...] = Field(min_length=4)
    tolerance: float = 0.05
    random: int = Field(default=5, ge=1)
    seeds: int = Field(default=3, ge=1)
    images: int = Field(default=240_000, ge=1)
    batch_size: int = Field(default=128, ge=1)
    learning_rate: float = 0.2
    warmup: float = 0.05
    test_images: int = 10_000

    @property
    def training(self) -> Training:
        """How each network is trained."""
        return Training(self.images, self.batch_size, self.learning_rate, self.warmup, self.test_images)


KIND = StudyKind("studies.extrapolation", Study, ("items",), "studies/extrapolation/data/seed0.jsonl")
