"""Classes of a run in numbers: images, scores, mistakes."""

from __future__ import annotations

from scalenet_tf.report.classes import class_rows, confusion_rows, worst_classes, worst_mistakes
from scalenet_tf.run import Run
from scalenet_tf.run.metrics import trained_metrics
from tests.helpers.report_runs import with_classes


def test_rows_hold_images_and_scores(finished_run: Run) -> None:
    metrics = trained_metrics(finished_run, 0)
    rows = class_rows(finished_run.data_info(), metrics)
    assert rows[4].images == {"train": None, "validation": None, "test": sum((metrics.confusion or ())[4])}
    assert (rows[4].score, rows[9].score, rows[4].share) == (0.9, None, None)
    with_classes(finished_run, 10)
    rows = class_rows(finished_run.data_info(), None)
    assert rows[4].images == {"train": 5, "validation": 5, "test": 5}
    assert (rows[4].score, rows[4].share, rows[9].share) == (None, 0.5, 1.0)


def test_of_many_classes_the_worst_are_shown(finished_run: Run) -> None:
    with_classes(finished_run, 41)
    data, metrics = finished_run.data_info(), trained_metrics(finished_run, 0)
    rows = worst_classes(class_rows(data, metrics))
    assert len(rows) == 20 and rows[0].number == 0
    unscored = worst_classes(class_rows(data, None))
    assert [row.number for row in unscored] == list(range(20))
    assert len(worst_classes(class_rows(data, metrics)[:40])) == 40


def test_mistakes_are_counted_by_pair(finished_run: Run) -> None:
    with_classes(finished_run, 12)
    metrics = trained_metrics(finished_run, 0)
    matrix = confusion_rows(metrics, ["a", "b"])
    assert [row.name for row in matrix[:3]] == ["a", "b", "class 2"]
    assert matrix[0].shares == (0.25, *[0.0] * 10, 0.75)
    [mistake] = worst_mistakes(metrics, [f"class {number}" for number in range(12)])
    assert (mistake.name, mistake.taken_for, mistake.images, mistake.share) == (
        *("class 0", "class 11"),
        *(30, 0.75),
    )
    with_classes(finished_run, 13)
    assert confusion_rows(trained_metrics(finished_run, 0), []) == []
