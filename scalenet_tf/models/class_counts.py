"""Images and correct answers of each class, counted over batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.models.accuracy import correct
from scalenet_tf.utils.balanced_accuracy import balanced_accuracy


@dataclass(frozen=True)
class ClassCounts:
    """Images and correct answers of each class.

    Attributes:
      seen: Number of images of each class.
      right: Number of them that are classified correctly.
    """

    seen: tuple[int, ...]
    right: tuple[int, ...]

    @classmethod
    def over(
        cls, score: Callable[[Any], Any], batches: Iterable[tuple[Any, Any]], classes: int
    ) -> ClassCounts:
        """Counts over batches of which none is kept.

        Args:
          score: Takes the images of a batch and returns their scores [N, classes].
          batches: Pairs of images and labels [N].
          classes: Number of classes.

        Raises:
          ScaleNetError: If there are no images.

        Example:
          >>> ClassCounts.over(model.predict_on_batch, [(images, labels)], 10).accuracy
        """
        seen = right = np.zeros(classes, np.int64)
        for images, labels in batches:
            hits = np.asarray(labels)[correct(labels, score(images))]
            seen = seen + np.bincount(labels, minlength=classes)
            right = right + np.bincount(hits, minlength=classes)
        if not seen.any():
            raise InvalidInputError("`batches` must hold at least one image to score")
        return cls(tuple(seen.tolist()), tuple(right.tolist()))

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(self.seen)

    @property
    def accuracy(self) -> float:
        """Share of the images that are classified correctly, 0 to 1."""
        return sum(self.right) / self.images

    @property
    def of_class(self) -> list[float | None]:
        """Accuracy of each class, 0 to 1; None for a class without images."""
        return [hits / count if count else None for hits, count in zip(self.right, self.seen, strict=True)]

    @property
    def balanced_accuracy(self) -> float:
        """Mean accuracy of the classes that have images, 0 to 1."""
        return balanced_accuracy(self.of_class)
