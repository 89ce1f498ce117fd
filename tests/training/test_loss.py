"""Losses of the super-supernet and of taught members against Keras' own."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.members.distillation import TaughtLoss
from scalenet_tf.models.outputs import are_probabilities, as_logits, as_targets, loss_of, probabilities
from scalenet_tf.training.loss import cross_entropy, guessing_loss, smooth_labels, soft_labels

RNG = np.random.default_rng(0)
LOGITS = tf.constant(RNG.normal(size=(6, 4)), tf.float32)
SEVERAL = tf.constant(RNG.integers(0, 2, (6, 4)), tf.int8)
CLASSES = tf.constant(RNG.integers(0, 4, 6), tf.int32)
LABELS = {Task.single_label: CLASSES, Task.multi_label: SEVERAL}
KERAS = {
    Task.single_label: keras.losses.CategoricalCrossentropy,
    Task.multi_label: keras.losses.BinaryCrossentropy,
}


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("task", Task)
def test_the_loss_of_a_subnet_is_that_of_keras(task: Task, smoothing: float) -> None:
    targets = smooth_labels(task, LABELS[task], 4, smoothing, tf.float32)
    labels = as_targets(LABELS[task], 4)
    expected = KERAS[task](from_logits=True, label_smoothing=smoothing)(labels, LOGITS)
    np.testing.assert_allclose(cross_entropy(task, targets, LOGITS) / 6, expected, rtol=1e-6)
    np.testing.assert_allclose(loss_of(task, smoothing)(labels, LOGITS), expected, rtol=1e-6)


@pytest.mark.parametrize("task", Task)
def test_soft_labels_are_the_probabilities_and_what_a_network_learns_them_from(task: Task) -> None:
    soft = soft_labels(task, LOGITS)
    np.testing.assert_allclose(
        soft, keras.ops.sigmoid(LOGITS) if task is Task.multi_label else tf.nn.softmax(LOGITS)
    )
    logits = tf.Variable(LOGITS)
    with tf.GradientTape() as tape:
        loss = cross_entropy(task, soft, logits)
    np.testing.assert_allclose(tape.gradient(loss, logits), 0, atol=1e-6)  # At the teacher's own answers.


@pytest.mark.parametrize("task", Task)
def test_guessing_costs_what_logits_of_zero_do(task: Task) -> None:
    targets = as_targets(LABELS[task], 4)
    assert float(cross_entropy(task, targets, tf.zeros((6, 4)))) / 6 == pytest.approx(guessing_loss(task, 4))


def test_a_taught_member_learns_labels_and_soft_labels_by_binary_cross_entropy() -> None:
    labels = as_targets(SEVERAL, 4)
    answers = tf.nn.sigmoid(tf.constant(RNG.normal(size=(6, 4)), tf.float32))
    loss = TaughtLoss(0.7, 2.0, label_smoothing=0.1, task=Task.multi_label)
    own = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)(labels, LOGITS)
    soft = keras.losses.BinaryCrossentropy(from_logits=True)(answers, LOGITS / 2)
    found = loss(tf.concat([labels, answers], axis=1), LOGITS)
    np.testing.assert_allclose(found, 0.3 * own + 0.7 * 4 * soft, rtol=1e-6)
    np.testing.assert_allclose(loss(labels, LOGITS), own, rtol=1e-6)
    assert TaughtLoss.from_config(loss.get_config()).task is Task.multi_label


@pytest.mark.parametrize("task", Task)
def test_outputs_are_logits_or_probabilities(task: Task) -> None:
    found = probabilities(task, LOGITS).numpy()
    assert are_probabilities(task, found) and not are_probabilities(task, LOGITS.numpy())
    np.testing.assert_allclose(probabilities(task, as_logits(task, found)), found, atol=1e-6)
    many = probabilities(task, tf.random.stateless_normal((64, 300), (0, 1))).numpy()
    for kind in (tf.bfloat16, tf.float16):
        assert are_probabilities(task, many.astype(kind.as_numpy_dtype))
    certain = as_logits(task, np.array([[0, 1, 0, 0]], np.float32))
    assert np.isfinite(certain).all() and certain.argmax() == 1
