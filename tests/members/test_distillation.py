"""The loss of a taught member against NumPy, and its accuracy on labels alone."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from scalenet_tf.members.distillation import LabelAccuracy, TaughtLoss

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 2, (6, 4))
LABELS = np.eye(4)[[0, 1, 2, 3, 0, 1]]
ANSWERS = RNG.dirichlet(np.ones(4), 6)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy(targets: np.ndarray, smoothing: float) -> float:
    smoothed = (1 - smoothing) * targets + smoothing / targets.shape[1]
    return float(-(smoothed * np.log(softmax(LOGITS))).sum(axis=1).mean())


@pytest.mark.parametrize(("weight", "temperature", "smoothing"), [(0.7, 2.0, 0.1), (1, 4, 0), (0, 1, 0.2)])
def test_the_loss_is_the_sum_of_both_parts(weight: float, temperature: float, smoothing: float) -> None:
    loss = TaughtLoss(weight, temperature, smoothing)(np.concatenate([LABELS, ANSWERS], axis=1), LOGITS)
    student = softmax(LOGITS / temperature)
    divergence = (ANSWERS * np.log(ANSWERS / student)).sum(axis=1).mean() * temperature**2
    expected = (1 - weight) * cross_entropy(LABELS, smoothing) + weight * divergence
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_without_answers_only_the_labels_count() -> None:
    loss = TaughtLoss(1.0, 2.0, label_smoothing=0.1)(LABELS, LOGITS)
    assert float(loss) == pytest.approx(cross_entropy(LABELS, 0.1), rel=1e-5)


def test_sure_answers_give_a_finite_loss() -> None:
    sure = np.concatenate([LABELS, LABELS], axis=1)
    loss = float(TaughtLoss(1.0, 1.0)(sure, LOGITS))
    assert loss == pytest.approx(cross_entropy(LABELS, 0.0), rel=1e-5)


def test_the_accuracy_is_that_of_the_labels() -> None:
    accuracy = LabelAccuracy()
    other = np.roll(LABELS, 1, axis=1)
    accuracy.update_state(np.concatenate([LABELS, other], axis=1), LABELS)
    assert float(accuracy.result()) == 1.0
    accuracy.update_state(other, LABELS)
    assert float(accuracy.result()) == 0.5


def test_the_loss_can_be_saved() -> None:
    loss = TaughtLoss(0.3, 5.0, 0.1)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    targets = np.concatenate([LABELS, ANSWERS], axis=1)
    assert isinstance(again, TaughtLoss) and float(again(targets, LOGITS)) == float(loss(targets, LOGITS))


@pytest.mark.parametrize("task", ["single_label", "multi_label"])
def test_the_weight_of_an_image_applies_to_its_answers_too(task: str) -> None:
    loss, targets = TaughtLoss(0.7, 2.0, task=task), np.concatenate([LABELS, ANSWERS], axis=1)
    alone = [float(loss(targets[k : k + 1], LOGITS[k : k + 1])) for k in range(6)]
    weights = np.arange(1.0, 7.0)
    expected = float(np.mean(weights * alone))
    assert float(loss(targets, LOGITS, sample_weight=weights)) == pytest.approx(expected, rel=1e-5)


def test_the_divergence_is_that_of_keras_on_average() -> None:
    answers = np.concatenate([LABELS, ANSWERS], axis=1)
    # By its name, Keras takes the divergence of logits.
    theirs = keras.distillation.LogitsDistillation(2.0, keras.losses.KLDivergence())
    reference = theirs.compute_loss(2.0 * np.log(ANSWERS), LOGITS)
    assert float(TaughtLoss(1.0, 2.0)(answers, LOGITS)) == pytest.approx(float(reference), rel=1e-5)
