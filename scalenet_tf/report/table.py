"""The family as a table of text: the columns and notes that the command line and Python show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scalenet_tf.config import Task
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.standard_error import (
    at_chance,
    chance,
    difference_error,
    error_of,
    level_with_previous,
)
from scalenet_tf.utils.formatting import MISSING, aligned, count, memory, milliseconds, percent

_EXTRAPOLATED = "* extrapolated beyond the searched scaling stages. Latency: one image, median."
_BALANCED = "Balanced: the mean accuracy of the classes on the test images."
_PRECISION = "mAP: the mean over the classes of the average precision."
_CHANCE = "{} cannot be told from naming classes at random ({}): train for longer, or on more images."
_LEVEL = (
    "≈ differs from the accuracy above by less than the standard error of the difference "
    "(up to {:.1f} points)."
)
_ERROR = "The standard error of an accuracy itself is up to {:.1f} points, with {:,} test images."


@dataclass(frozen=True)
class FamilyTable:
    """The family as texts; the first two columns are names, the others numbers.

    Attributes:
      headings: Heading of each column.
      rows: Cells of each member.
      notes: Sentences below the table.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[FamilyRow]) -> FamilyTable:
        """Makes the table of a family; balanced accuracy is a column if it is another than accuracy."""
        level = level_with_previous(rows)
        unit = next((f" {row.task.short_score}" for row in rows if row.task is Task.multi_label), "")
        columns = {
            "stage": [row.name.upper() + (" *" if row.origin == "extrapolated" else "") for row in rows],
            "depth / width / pixels": [str(row.scaling).replace("/", " / ") for row in rows],
            "blocks": [str(row.num_blocks) for row in rows],
            "MACs": [count(row.macs) for row in rows],
            "parameters": [count(row.parameters) for row in rows],
            "peak memory": [memory(row.peak_memory) for row in rows],
            f"validation{unit}": [percent(row.validation_accuracy) for row in rows],
            f"test{unit}": [("≈ " if row.name in level else "") + percent(row.test_accuracy) for row in rows],
            "balanced": [percent(row.balanced_accuracy) for row in rows],
            "latency": [milliseconds(row.latency_ms) for row in rows],
        }
        if not is_skewed(rows):
            del columns["balanced"]
        notes = [_EXTRAPOLATED] if any(row.origin == "extrapolated" for row in rows) else []
        cells = tuple(zip(*columns.values(), strict=True))
        return cls(tuple(columns), cells, (*notes, *accuracy_notes(rows)))

    def __str__(self) -> str:
        """The table as lines of text, without frames; numbers are aligned to the right."""
        return "\n".join([aligned([self.headings, *self.rows], names=2), *self.notes])


def is_skewed(rows: Sequence[FamilyRow]) -> bool:
    """Whether the balanced accuracy of a member is another than its accuracy, as printed."""
    pairs = [(percent(row.balanced_accuracy), percent(row.test_accuracy)) for row in rows]
    return any(balanced not in (MISSING, accuracy) for balanced, accuracy in pairs)


def accuracy_notes(rows: Sequence[FamilyRow]) -> list[str]:
    """Sentences that explain the scores of a family's table."""
    return [
        *_chance_notes(rows),
        *_level_notes(rows),
        *([_BALANCED] if is_skewed(rows) else []),
        *([_PRECISION] if any(row.task is Task.multi_label for row in rows) else []),
    ]


def _chance_notes(rows: Sequence[FamilyRow]) -> list[str]:
    found = [row for row in rows if at_chance(row)]
    if not found:
        return []
    names = [row.name.upper() for row in found]
    return [_CHANCE.format(", ".join(names), percent(chance(found[0])))]


def _level_notes(rows: Sequence[FamilyRow]) -> list[str]:
    if not (level := level_with_previous(rows)):
        return []
    marked = [pair for pair in pairwise(rows) if pair[1].name in level]
    apart = max(error for pair in marked if (error := difference_error(*pair)) is not None)
    each = max(error for row in rows if (error := error_of(row)) is not None)
    images = next(row.test_images for row in rows if row.test_images)
    return [_LEVEL.format(100 * apart), _ERROR.format(100 * each, images)]
