"""What happened between two lines of the training log."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass, field
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
        losses, correct = defaultdict(list), defaultdict(list)
        norms = []
        for stage, result in self.results:
            losses[stage].append(float(result.loss))
            correct[stage].append(int(result.correct) / self.batch_size)
            norms.append(float(result.gradient_norm))
        seconds = time.monotonic() - self.begun
        return {
            "step": step,
            "loss": _mean(sum(losses.values(), [])),
            "accuracy": _mean(sum(correct.values(), [])),
            "stage_loss": {str(stage): _mean(losses[stage]) for stage in sorted(losses)},
            "stage_accuracy": {str(stage): _mean(correct[stage]) for stage in sorted(correct)},
            "gradient_norm": _mean(norms),
            "learning_rate": learning_rate,
            "images_per_second": len(self.results) * self.batch_size / seconds,
        }


def diverged(row: dict[str, Any], classes: int) -> bool:
    """Whether a log row is not finite, or its loss is twice that of a guess."""
    healthy = math.isfinite(row["loss"]) and math.isfinite(row["gradient_norm"])
    return not healthy or row["loss"] > 2 * math.log(classes)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
