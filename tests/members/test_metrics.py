"""What answers are worth: counted by hand, and against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from scalenet_tf.config import Task
from scalenet_tf.members import metrics
from scalenet_tf.members.metrics import BINS, calibration_error, class_details, confusion
from scalenet_tf.models.accuracy import accuracy

LABELS = np.array([0, 0, 1, 1, 1])
PROBABILITIES = np.array(
    [[0.9, 0.1, 0.0], [0.4, 0.6, 0.0], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.05, 0.9, 0.05]]
)


def test_confusion_counts_answers_by_class() -> None:
    table = confusion(LABELS, PROBABILITIES)
    assert table.tolist() == [[1, 1, 0], [0, 2, 1], [0, 0, 0]]
    details = class_details(Task.single_label, LABELS, PROBABILITIES)
    assert details["class_accuracy"] == (0.5, pytest.approx(2 / 3), None)
    assert details["confusion"] == tuple(map(tuple, table.tolist()))
    assert accuracy(LABELS, PROBABILITIES) == pytest.approx(np.trace(table) / len(LABELS))


def test_the_confusion_of_very_many_classes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    all_details = class_details(Task.single_label, LABELS, PROBABILITIES)
    monkeypatch.setattr(metrics, "MOST_CONFUSED", 2)
    details = class_details(Task.single_label, LABELS, PROBABILITIES)
    assert details == {key: value for key, value in all_details.items() if key != "confusion"}


def test_calibration_error_is_the_weighted_gap_of_the_bins() -> None:
    # Bins of 0.9 (two images, both right), of 0.6 (one, wrong) and of 0.7 (two, one right).
    expected = 2 / 5 * abs(1 - 0.9) + 1 / 5 * abs(0 - 0.6) + 2 / 5 * abs(0.5 - 0.7)
    assert calibration_error(LABELS, PROBABILITIES) == pytest.approx(expected)


def test_calibration_error_follows_its_definition_on_many_images() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(4, 0.5), 2000)
    labels = rng.integers(0, 4, 2000)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    expected = 0.0
    for low in range(BINS):
        inside = (confidence > low / BINS) & (confidence <= (low + 1) / BINS)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert calibration_error(labels, probabilities) == pytest.approx(expected)
    certain = np.eye(4)[labels]
    assert calibration_error(labels, certain) == 0
    assert calibration_error((labels + 1) % 4, certain) == 1
