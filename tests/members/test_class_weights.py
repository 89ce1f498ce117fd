"""Weights of the classes in the loss: by their definition, through Keras, and in a training."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.config import AugmentationConfig, Recipe
from scalenet_tf.data import DataInfo, DataSet
from scalenet_tf.data.examples import ArrayExamples
from scalenet_tf.members.class_weights import balanced_weights, with_weights
from scalenet_tf.members.distillation import TaughtLoss
from scalenet_tf.members.inputs import recipe_changes, training_pairs


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_every_class_has_the_same_total_weight(labels: list[int]) -> None:
    weights = balanced_weights(np.array(labels), 5)
    totals = [weights[label] * labels.count(label) for label in set(labels)]
    np.testing.assert_allclose(totals, len(labels) / 5, rtol=1e-6)
    if len(set(labels)) == 5:
        assert np.mean(weights[labels]) == pytest.approx(1.0)


def test_the_loss_is_the_mean_over_classes() -> None:
    rng = np.random.default_rng(0)
    labels = np.array([0] * 12 + [1] * 3 + [2])
    logits = rng.normal(size=(16, 3)).astype(np.float32)
    targets = np.eye(3, dtype=np.float32)[labels]
    batches = tf.data.Dataset.from_tensors((logits, targets))
    [(_, _, weights)] = with_weights(batches, balanced_weights(labels, 3))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    of_class = [loss(targets[labels == label], logits[labels == label]) for label in range(3)]
    np.testing.assert_allclose(loss(targets, logits, sample_weight=weights), np.mean(of_class), rtol=1e-6)


def test_a_mixed_image_has_the_weights_of_its_classes_in_their_shares() -> None:
    weights = np.array([0.5, 2.0], np.float32)
    targets = np.array([[1.0, 0.0, 9.0, 9.0], [0.25, 0.75, 9.0, 9.0]], np.float32)  # with answers behind
    [(_, found, added)] = with_weights(tf.data.Dataset.from_tensors((np.zeros(2), targets)), weights)
    np.testing.assert_allclose(added, [0.5, 0.25 * 0.5 + 0.75 * 2.0])
    np.testing.assert_array_equal(found, targets)
    assert np.isfinite(TaughtLoss(0.7, 2.0)(targets, np.zeros((2, 2), np.float32), sample_weight=added))


def skewed(labels: np.ndarray) -> DataSet:
    """Grey images without content under the given labels, as all three splits."""
    examples = ArrayExamples.of(np.zeros((len(labels), 8, 8, 1), np.uint8), labels)
    counts = dict.fromkeys(("train", "validation", "test"), len(labels))
    info = DataInfo(
        channels=1, classes=3, labels=("a", "b", "c"), image_size=8, counts=counts, digest="0" * 16
    )
    return DataSet(info, examples, examples, lambda: examples)


@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_pairs_of_a_recipe_carry_the_weights_of_the_train_split(mixup: float) -> None:
    labels = np.array([0] * 20 + [1] * 8 + [2] * 4)
    data = skewed(labels)
    recipe = Recipe(batch_size=16, class_weights="balanced", mixup=mixup)
    pairs = training_pairs(
        data, recipe, AugmentationConfig(), recipe_changes(recipe, 0), seed=0, epoch=0, resolution=8
    )
    expected = balanced_weights(labels, 3)
    for _, targets, weights in pairs:
        np.testing.assert_allclose(weights, targets.numpy() @ expected, rtol=1e-6)
