"""Classes of a run: how many images each has, how well it is recognised, and what it is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.utils.printable import one_line

# Of more classes than this, the table and the confusions show the worst.
TABLE, MATRIX, WORST = 40, 12, 20


@dataclass(frozen=True)
class ClassRow:
    """One class.

    Attributes:
      number: Number of the class, from 0.
      name: Printable name.
      images: Number of images by split; None where it is not known.
      share: Training images relative to the largest class, 0 to 1; None if not known.
      score: Accuracy, or for multi_label average precision, on the test split; None without images.
    """

    number: int
    name: str
    images: dict[str, int | None]
    share: float | None
    score: float | None


@dataclass(frozen=True)
class Confusion:
    """A row of a confusion matrix.

    Attributes:
      number: Number of the true class.
      name: Printable name of it.
      shares: Share of its images that each class is predicted for, 0 to 1.
    """

    number: int
    name: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Mistake:
    """A pair of classes that a member mixes up.

    Attributes:
      name: Printable name of the true class.
      taken_for: Printable name of the predicted class.
      images: Number of test images.
      share: Share of the images of the true class, 0 to 1.
    """

    name: str
    taken_for: str
    images: int
    share: float


def class_names(data: DataInfo) -> list[str]:
    """Returns the names of the classes, each printable and in one line."""
    return [one_line(label) for label in data.labels]


def name_of(names: Sequence[str], number: int) -> str:
    """Returns the name of a class; its number if it has none."""
    return names[number] if 0 <= number < len(names) else f"class {number}"


def class_rows(data: DataInfo, metrics: Metrics | None) -> list[ClassRow]:
    """Returns a row for each class, in the order of the labels.

    Args:
      data: Facts of the images.
      metrics: Results of the member whose scores are shown; None if there are none.
    """
    counts: Mapping[str, Sequence[int]] = data.class_counts or {}
    if not counts and metrics and metrics.confusion:
        counts = {"test": [sum(row) for row in metrics.confusion]}  # all that earlier versions recorded
    trained = counts.get("train")
    largest = max(trained, default=0) if trained else 0
    scores = (metrics.class_accuracy or metrics.class_average_precision) if metrics else None
    return [
        ClassRow(
            number=number,
            name=name,
            images={
                split: counts[split][number] if split in counts else None
                for split in ("train", "validation", "test")
            },
            share=trained[number] / largest if trained and largest else None,
            score=scores[number] if scores else None,
        )
        for number, name in enumerate(class_names(data))
    ]


def worst_classes(rows: Sequence[ClassRow]) -> list[ClassRow]:
    """Returns all classes; of many, those with the lowest scores, or without scores the fewest images."""
    if len(rows) <= TABLE:
        return list(rows)

    def rank(row: ClassRow) -> tuple[float, float]:
        return (2 if row.score is None else row.score, row.images["train"] or 0)

    return sorted(rows, key=rank)[:WORST]


def confusion_rows(metrics: Metrics, names: Sequence[str]) -> list[Confusion]:
    """Returns the confusion matrix of a member as shares; none for many classes, see `worst_mistakes`."""
    table = metrics.confusion or ()
    if len(table) > MATRIX:
        return []
    return [
        Confusion(number, name_of(names, number), tuple(images / max(1, sum(row)) for images in row))
        for number, row in enumerate(table)
    ]


def worst_mistakes(metrics: Metrics, names: Sequence[str], most: int = WORST) -> list[Mistake]:
    """Returns the pairs of classes that are mixed up most often, by the number of test images.

    Args:
      metrics: Results of a member.
      names: Names of the classes.
      most: Number of pairs.
    """
    found = [
        Mistake(name_of(names, true), name_of(names, predicted), images, images / sum(row))
        for true, row in enumerate(metrics.confusion or ())
        for predicted, images in enumerate(row)
        if true != predicted and images
    ]
    return sorted(found, key=lambda mistake: (-mistake.images, -mistake.share))[:most]
