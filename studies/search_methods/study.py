"""Everything that determines the results of the study."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field

from scalenet_tf.config import AugmentationConfig, DataConfig, RunConfig, SearchConfig, SupernetConfig
from scalenet_tf.space import SearchSpace
from studies.common.study import StudyKind, StudyValue
from studies.common.training import PAPER_TRAINING

SPACE = Path(__file__).with_name("table_space.yaml")


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images.
      steps: Training steps of the super-supernet that scores every subnet.
      batch_size: Images per training step.
      learning_rate: Peak learning rate.
      calibration_images: Images that recalibrate batch norm for a score.
      validation_images: Images that measure a score.
      scoring_batch_size: Images per forward pass of a score.
      seeds: Number of runs per method that are reported: seeds 0, 1, …
      tuning_seeds: Number of runs per method that choose its parameters: seeds 1000, 1001, …
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
        """A minute's work; its results mean nothing."""
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
        """The run that trains the super-supernet and scores with it."""
        return RunConfig(
            space=str(SPACE),
            data=self.data,
            supernet=SupernetConfig(
                steps=self.steps,
                batch_size=self.batch_size,
                learning_rate=self.learning_rate,
                warmup_steps=self.steps // 20,
                log_steps=min(100, self.steps),
                **PAPER_TRAINING,
            ),
            search=SearchConfig(
                recalibration_images=self.calibration_images,
                validation_images=self.validation_images,
                batch_size=self.scoring_batch_size,
            ),
        )


def table_space() -> SearchSpace:
    """The space that is tabulated."""
    return SearchSpace.model_validate(yaml.safe_load(SPACE.read_text()))


KIND = StudyKind(
    "studies.search_methods", Study, ("table",), "studies/search_methods/data/table.jsonl", start="table"
)
