"""The family as a table: columns and notes follow from the accuracies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.standard_error import at_chance, level_with_previous, standard_error
from scalenet_tf.report.table import FamilyTable, accuracy_notes
from scalenet_tf.run import Run


def rows_with(run: Run, *accuracies: float, images: int = 1000, balanced: float = 0.0) -> list[FamilyRow]:
    rows = family_rows(run)[: len(accuracies)]
    return [
        replace(
            row,
            test_accuracy=value,
            class_images=tuple(len(part) for part in np.array_split(np.arange(images), 10)),
            balanced_accuracy=value + balanced,
            latency_ms=None,
        )
        for row, value in zip(rows, accuracies, strict=True)
    ]


def test_the_standard_error_is_that_of_a_share() -> None:
    assert standard_error(0.5, 100) == pytest.approx(0.05)
    for certain in (0.0, 1.0):
        assert standard_error(certain, 10) == pytest.approx((11 / 144 / 10) ** 0.5)
    assert standard_error(1.0, 10_000) < 0.0002


def test_a_difference_below_its_error_is_marked(finished_run: Run) -> None:
    # Errors of 0.95 and 0.92 points, so that of the difference is 1.32 points.
    rows = rows_with(finished_run, 0.900, 0.909, 0.924)
    assert level_with_previous(rows) == {"s1"}
    assert math.hypot(standard_error(0.924, 1000), standard_error(0.909, 1000)) < 0.924 - 0.909
    table = FamilyTable.of(rows)
    tests = [cells[table.headings.index("test")] for cells in table.rows]
    assert tests == ["90.00 %", "≈ 90.90 %", "92.40 %"]
    assert table.notes == (
        "≈ differs from the accuracy above by less than the standard error of the difference "
        "(up to 1.3 points).",
        "The standard error of an accuracy itself is up to 0.9 points, with 1,000 test images.",
    )
    assert not level_with_previous(rows_with(finished_run, 0.900, 0.909, images=20_000))


def test_the_two_standard_errors_are_told_apart(finished_run: Run) -> None:
    # 2.5 points apart: more than the error of each accuracy, less than that of the difference.
    rows = rows_with(finished_run, 0.1825, 0.1579, images=285)
    assert [f"{100 * standard_error(row.test_accuracy or 0, 285):.1f}" for row in rows] == ["2.3", "2.2"]
    level, each = FamilyTable.of(rows).notes
    assert "(up to 3.1 points)" in level and "up to 2.3 points, with 285 test images" in each


def test_a_member_at_chance_is_named(finished_run: Run) -> None:
    # Two standard errors above one in ten are 11.9 % with 1,000 images.
    rows = rows_with(finished_run, 0.118, 0.12, 0.3)
    assert FamilyTable.of(rows).notes[0] == (
        "S0 cannot be told from naming classes at random (10.00 %): train for longer, or on more images."
    )
    assert FamilyTable.of(rows_with(finished_run, 0.1, 0.1)).notes[0].startswith("S0, S1 cannot be told")


def test_small_classes_widen_what_counts_as_chance(finished_run: Run) -> None:
    # One class of 991 images, nine of one: the mean of their accuracies has an error of 9 points.
    skewed = (991, *(1,) * 9)
    rows = [replace(row, class_images=skewed) for row in rows_with(finished_run, 0.27, 0.29)]
    assert [at_chance(row) for row in rows] == [True, False]
    assert not at_chance(replace(rows[0], class_images=None))
    assert not at_chance(replace(rows[0], class_images=(0, 100, 0), balanced_accuracy=0.95))
    # A constant answer is right for one of the two classes that have test images.
    two = replace(rows[0], class_images=(500, 500, *(0,) * 8), balanced_accuracy=0.5)
    assert at_chance(two) and "(50.00 %)" in FamilyTable.of([two]).notes[0]


def test_balanced_accuracy_is_a_column_where_classes_differ_in_size(finished_run: Run) -> None:
    assert "balanced" not in FamilyTable.of(rows_with(finished_run, 0.7, 0.8)).headings
    table = FamilyTable.of(rows_with(finished_run, 0.7, 0.8, balanced=-0.1))
    assert [cells[table.headings.index("balanced")] for cells in table.rows] == ["60.00 %", "70.00 %"]
    assert str(table).endswith("Balanced: the mean accuracy of the classes on the test images.")


def test_an_untrained_family_has_no_marks(finished_run: Run) -> None:
    untrained = {"test_accuracy": None, "class_images": None, "balanced_accuracy": None}
    rows = [replace(row, **untrained) for row in family_rows(finished_run)]
    assert "balanced" not in FamilyTable.of(rows).headings and not accuracy_notes(rows)
