"""Average precision against scikit-learn, alone, of batches, and as a Keras metric."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.mean_average_precision import MeanAveragePrecision
from scalenet_tf.models.average_precision import (
    average_precision,
    average_precisions,
    mean_average_precision,
)
from scalenet_tf.models.class_scores import ClassScores
from scalenet_tf.models.score import score, score_over
from scalenet_tf.training.loss import batch_score

SHAPES = st.tuples(st.integers(1, 30), st.integers(2, 4))
LABELS = SHAPES.flatmap(lambda shape: arrays(np.int8, shape, elements=st.integers(0, 1)))


def scores_for(labels: np.ndarray, seed: int, ties: bool) -> np.ndarray:
    """Scores that follow the labels a little; rounded ones have ties."""
    found = np.random.default_rng(seed).normal(size=labels.shape) + labels
    return np.round(found) if ties else found


def expected(labels: np.ndarray, scores: np.ndarray) -> list[float | None]:
    columns = zip(labels.T, scores.T, strict=True)
    return [float(average_precision_score(own, s)) if own.any() else None for own, s in columns]


@given(LABELS, st.integers(0, 99), st.booleans())
def test_it_is_that_of_scikit_learn_with_and_without_ties(labels: np.ndarray, seed: int, ties: bool) -> None:
    scores = scores_for(labels, seed, ties)
    found = average_precisions(labels, scores)
    assert found == [None if value is None else pytest.approx(value) for value in expected(labels, scores)]
    known = [value for value in expected(labels, scores) if value is not None]
    if known:
        assert score(Task.multi_label, labels, scores) == pytest.approx(np.mean(known))


def test_a_perfect_ranking_has_1_and_the_worst_one_the_least() -> None:
    assert average_precision(np.array([1, 1, 0, 0]), np.array([4, 3, 2, 1])) == 1
    assert average_precision(np.array([0, 0, 0, 1]), np.array([4, 3, 2, 1])) == 1 / 4
    assert average_precision(np.array([1, 0, 0, 0]), np.zeros(4)) == 1 / 4  # Nothing is known.


def test_without_any_label_there_is_no_score() -> None:
    assert average_precision(np.zeros(3), np.arange(3)) is None
    with pytest.raises(InvalidInputError, match="None of the scored images has one"):
        mean_average_precision([None, None])
    with pytest.raises(InvalidInputError, match="at least one image"):
        score_over(Task.multi_label, lambda images: images, [])


def test_batches_are_scored_as_one_split() -> None:
    labels = np.random.default_rng(0).integers(0, 2, (50, 3))
    scores = scores_for(labels, 1, ties=False)
    batches = [(scores[start : start + 20], labels[start : start + 20]) for start in (0, 20, 40)]
    whole = score(Task.multi_label, labels, scores)
    assert score_over(Task.multi_label, lambda images: images, batches) == whole
    found = ClassScores.over(Task.multi_label, lambda images: images, batches, 3)
    assert (found.images, found.score, found.balanced_accuracy) == (50, whole, None)
    assert list(found.of_class) == pytest.approx(expected(labels, scores))


@given(LABELS, st.integers(0, 99))
def test_the_score_of_a_training_batch_is_the_same(labels: np.ndarray, seed: int) -> None:
    logits = scores_for(labels, seed, ties=False).astype(np.float32)
    known = [value for value in expected(labels, logits) if value is not None]
    found = float(batch_score(Task.multi_label, keras.ops.convert_to_tensor(labels), logits)) / len(labels)
    assert found == pytest.approx(np.mean(known) if known else 0, abs=1e-5)


def test_the_keras_metric_adds_up_over_batches_and_begins_anew() -> None:
    labels = np.random.default_rng(0).integers(0, 2, (300, 3))
    labels[:, 2] = 0  # A class without any image does not count.
    logits = np.round(scores_for(labels, 1, ties=False) * 3, 2).astype(np.float32)
    metric = MeanAveragePrecision(3)
    answers = np.zeros_like(labels)  # A teacher's, behind the labels.
    for part in (slice(0, 100), slice(100, 300)):
        metric.update_state(np.concatenate([labels[part], answers[part]], axis=1), logits[part])
    assert float(metric.result()) == pytest.approx(score(Task.multi_label, labels, logits), abs=1e-5)
    metric.reset_state()
    assert float(metric.result()) == 0
    again = MeanAveragePrecision.from_config(metric.get_config())
    again.update_state(labels[:100], logits[:100] + 1000)  # All beyond the last step: every image is alike.
    assert float(again.result()) == pytest.approx(labels[:100, :2].mean(), abs=1e-6)
