"""What happened between two lines of the training log."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from scalenet_tf.training.step import StepResult


@dataclass
class Window:
    """Collects the results of some steps; they are read back from the device only when it closes."""

    batch_size: int
    begun: float = field(default_factory=time.monotonic)
    results: list[tuple[int, StepResult]] = field(default_factory=list)

    def add(self, stage: int, result: StepResult) -> None:
        self.results.append((stage, result))

    def close(self, step: int, learning_rate: float) -> dict[str, Any]:
        """The log row of the window: loss and accuracy, over all and per scaling stage."""
        losses = [(stage, float(result.loss)) for stage, result in self.results]
        accuracies = [(stage, int(result.correct) / self.batch_size) for stage, result in self.results]
        norms = [float(result.gradient_norm) for _, result in self.results]
        seconds = time.monotonic() - self.begun
        return {
            "step": step,
            "loss": fmean(loss for _, loss in losses),
            "accuracy": fmean(accuracy for _, accuracy in accuracies),
            "stage_loss": _by_stage(losses),
            "stage_accuracy": _by_stage(accuracies),
            "gradient_norm": fmean(norms),
            "learning_rate": learning_rate,
            "images_per_second": len(self.results) * self.batch_size / seconds,
        }


def diverged(row: dict[str, Any], classes: int) -> bool:
    """Whether a log row is not finite, or its loss is twice that of a guess."""
    healthy = math.isfinite(row["loss"]) and math.isfinite(row["gradient_norm"])
    return not healthy or row["loss"] > 2 * math.log(classes)


def _by_stage(numbers: list[tuple[int, float]]) -> dict[str, float]:
    """The mean of each scaling stage that occurred."""
    stages = sorted({stage for stage, _ in numbers})
    return {str(stage): fmean(number for own, number in numbers if own == stage) for stage in stages}
