"""The score of a network over batches, as a whole and of each class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from scalenet_tf.config.task import Task
from scalenet_tf.models.average_precision import average_precisions, mean_average_precision
from scalenet_tf.models.class_counts import ClassCounts
from scalenet_tf.models.score import collected


@dataclass(frozen=True)
class ClassScores:
    """The score of a network.

    Attributes:
      images: Number of images.
      score: Accuracy, or for multi_label mean average precision, 0 to 1.
      of_class: Accuracy or average precision of each class, 0 to 1; None for a class that no image has.
      balanced_accuracy: Mean accuracy of the classes that have images, 0 to 1; None for multi_label.
    """

    images: int
    score: float
    of_class: tuple[float | None, ...]
    balanced_accuracy: float | None = None

    @classmethod
    def of_counts(cls, counts: ClassCounts) -> ClassScores:
        """Makes the score of images that were counted."""
        return cls(counts.images, counts.accuracy, tuple(counts.of_class), counts.balanced_accuracy)

    @classmethod
    def over(
        cls, task: Task, answer: Callable[[Any], Any], batches: Iterable[tuple[Any, Any]], classes: int
    ) -> ClassScores:
        """Scores the answers to batches; of their images, none is kept.

        Args:
          task: The task.
          answer: Takes the images of a batch and returns their logits or probabilities [N, classes].
          batches: Pairs of images and labels, [N] or multi-hot [N, classes].
          classes: Number of classes.

        Raises:
          ScaleNetError: If there are no images, or for multi_label none that has a class.
        """
        if task is Task.single_label:
            return cls.of_counts(ClassCounts.over(answer, batches, classes))
        labels, answers = collected(answer, batches)
        of_class = average_precisions(labels, answers)
        return cls(len(labels), mean_average_precision(of_class), tuple(of_class))
