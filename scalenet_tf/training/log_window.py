"""The steps between two rows of the training log, and whether the training diverged in them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np

from scalenet_tf.config import Task
from scalenet_tf.run.progress_rows import TrainingRow
from scalenet_tf.training.loss import guessing_loss
from scalenet_tf.training.train_step import StepResult


def no_numbers() -> np.ndarray:
    return np.zeros((0, 4))


@dataclass
class Window:
    """Collects the results of steps, which stay on the device until they are needed.

    Attributes:
      batch_size: Images per step.
      earlier: Numbers of the window's steps that an earlier process did, as `numbers` returns them.
      begun: Time at which this process began the window, by the monotonic clock.
      results: (scaling stage, result) of each step of this process.
    """

    batch_size: int
    earlier: np.ndarray = field(default_factory=no_numbers)
    begun: float = field(default_factory=time.monotonic)
    results: list[tuple[int, StepResult]] = field(default_factory=list)

    def add(self, stage: int, result: StepResult) -> None:
        self.results.append((stage, result))

    def numbers(self) -> np.ndarray:
        """Scaling stage, loss, correct images and gradient norm of each step: float64 [steps, 4]."""
        own = [(stage, *(float(number) for number in result)) for stage, result in self.results]
        return np.concatenate([self.earlier, np.reshape(own, (-1, 4))])

    def row(self, step: int, learning_rate: float) -> TrainingRow:
        """The row of the log: means over the window, and per scaling stage for loss and accuracy."""
        stages, losses, right, norms = self.numbers().T
        accuracies = right / self.batch_size
        seconds = time.monotonic() - self.begun
        return TrainingRow(
            step=step,
            loss=float(losses.mean()),
            accuracy=float(accuracies.mean()),
            stage_loss=_by_stage(stages, losses),
            stage_accuracy=_by_stage(stages, accuracies),
            gradient_norm=float(norms.mean()),
            learning_rate=learning_rate,
            images_per_second=len(self.results) * self.batch_size / seconds,
        )


def diverged(row: TrainingRow, classes: int, task: Task = Task.single_label) -> bool:
    """Whether a row of the log is not finite, or its loss exceeds twice that of guessing."""
    healthy = math.isfinite(row.loss) and math.isfinite(row.gradient_norm)
    return not healthy or row.loss > 2 * guessing_loss(task, classes)


def _by_stage(stages: np.ndarray, numbers: np.ndarray) -> dict[int, float]:
    """The mean of each scaling stage that occurs, by its number."""
    return {int(stage): float(numbers[stages == stage].mean()) for stage in np.unique(stages)}
