"""What a study of extrapolation is made of: a frozen value, stored beside its results."""

from __future__ import annotations

from pydantic import Field

from scalenet_tf.config import DataConfig
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.utils.value import Value
from studies.common.train_from_scratch import Training


class Study(Value):
    """Everything that decides the results.

    Attributes:
      space, base, scalings: What a search found, S0 first; at least four stages.
      data: Of the trainings.
      tolerance: Allowed distance from growth^stage times the base's multiply-adds.
      random: Random scalings beside each extrapolated one.
      seeds: Trainings of each network, with different first weights and orders.
      images: That a training runs through its network.
    """

    space: SearchSpace
    base: BaseArchitecture
    scalings: tuple[Scaling, ...] = Field(min_length=4)
    data: DataConfig
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
        """Of each network."""
        return Training(self.images, self.batch_size, self.learning_rate, self.warmup, self.test_images)
