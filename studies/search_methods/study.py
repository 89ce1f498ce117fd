"""What a study of searches is made of: a frozen value, stored beside its results."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field

from scalenet_tf.config import AugmentationConfig, DataConfig, RunConfig, SearchConfig, SupernetConfig
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.value import Value

SPACE = Path(__file__).with_name("table_space.yaml")


class Study(Value):
    """Everything that decides the results.

    Attributes:
      steps: Of the super-supernet that scores every subnet.
      calibration_images, validation_images: Of each score.
      seeds: Runs of each method whose results are reported: seeds 0, 1, ….
      tuning_seeds: Runs of each method that choose its parameters: seeds 1000, 1001, ….
      budgets: Fractions of the table at which methods are compared.
    """

    data: DataConfig = DataConfig(augmentation=AugmentationConfig(shift=0.0))
    steps: int = Field(default=3000, ge=1)
    batch_size: int = 128
    learning_rate: float = 0.2
    calibration_images: int = 500
    validation_images: int = 2500
    scoring_batch_size: int = 250
    seeds: int = Field(default=20, ge=2)
    tuning_seeds: int = Field(default=8, ge=1)
    budgets: tuple[float, ...] = (0.05, 0.1, 0.2)

    @classmethod
    def quick(cls, data: DataConfig) -> Study:
        """Small numbers everywhere; its results mean nothing."""
        return cls(
            data=data,
            steps=8,
            batch_size=16,
            calibration_images=50,
            validation_images=50,
            scoring_batch_size=50,
            seeds=4,
            tuning_seeds=1,
        )

    def run_config(self) -> RunConfig:
        """Of the super-supernet, and of how it scores."""
        return RunConfig(
            space=str(SPACE),
            data=self.data,
            supernet=SupernetConfig(
                steps=self.steps,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                warmup_steps=self.steps // 20,
                log_steps=min(100, self.steps),
            ),
            search=SearchConfig(
                recalibration_images=self.calibration_images,
                validation_images=self.validation_images,
                batch_size=self.scoring_batch_size,
            ),
        )


def table_space() -> SearchSpace:
    """The space whose every feasible state is tabulated."""
    return SearchSpace.model_validate(yaml.safe_load(SPACE.read_text()))
