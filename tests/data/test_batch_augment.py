"""Keras' random layers as pure functions of a key."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.batch_augment import Mixing, RandAugment, stateless
from tests.helpers.image_sets import random_images


def key(seed: int, step: int) -> tf.Tensor:
    return tf.constant([seed, step], tf.int64)


def test_a_layer_is_a_function_of_its_key_alone() -> None:
    images = tf.constant(random_images(6), tf.float32)
    first, second = (keras.layers.RandomErasing((1.0, 1.0)) for _ in range(2))
    answer = stateless(first, images, key(3, 5))
    stateless(first, images, key(3, 6))
    np.testing.assert_array_equal(answer, stateless(first, images, key(3, 5)))
    np.testing.assert_array_equal(answer, stateless(second, images, key(3, 5)))
    assert (answer != stateless(first, images, key(3, 6))).numpy().any()
    assert (answer != stateless(first, images, key(4, 5))).numpy().any()


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_is_changed_by_its_own_draw_wherever_the_pipeline_begins(channels: int) -> None:
    # Equal images: what differs afterwards is the draw.
    one = np.random.default_rng(0).uniform(0, 255, (1, 12, 12, channels))
    images = tf.constant(np.repeat(one, 30, axis=0), tf.float32)
    augment = RandAugment.of(2, 0.5)
    steps = tf.data.Dataset.range(3).map(
        lambda step: augment(images, tf.stack([tf.constant(7, tf.int64), step]))
    )
    first, _, third = (batch.numpy() for batch in steps)
    assert first.shape == images.shape and first.min() >= 0 and first.max() <= 255
    assert len(np.unique(first.reshape(30, -1), axis=0)) > 10
    assert (first != third).any()
    [late] = steps.skip(2)
    np.testing.assert_array_equal(third, late)


def test_no_strength_leaves_shapes_alone() -> None:
    images = tf.constant(random_images(40), tf.float32)
    geometric = RandAugment.of(1, 0.0).layers[:5]
    np.testing.assert_allclose(RandAugment(geometric, 2)(images, key(0, 0)), images, atol=1e-2)


@pytest.mark.parametrize("alphas", [(0.4, 0.0), (0.0, 1.0)])
def test_labels_are_mixed_as_the_images_are(alphas: tuple[float, float]) -> None:
    # Each image is filled with its class: the mean of a mixed image is that of its mixed label.
    classes = np.arange(16)
    images = tf.constant(np.broadcast_to(classes[:, None, None, None], (16, 20, 20, 1)), tf.float32)
    labels = tf.one_hot(classes, 16)
    mixed, shares = Mixing.of(*alphas)(images, labels, key(1, 2))
    np.testing.assert_allclose(tf.reduce_sum(shares, 1), 1, rtol=1e-5)
    means = tf.reduce_mean(mixed, [1, 2, 3])
    # Cutmix states the share of whole pixels up to a border of one.
    np.testing.assert_allclose(means, shares.numpy() @ classes, atol=1.0)
    assert (means != classes).numpy().any()


def test_with_both_ways_each_batch_gets_one() -> None:
    images = tf.constant(np.arange(8)[:, None, None, None] * np.ones((1, 9, 9, 1)), tf.float32)
    labels = tf.one_hot(range(8), 8)
    mixing = Mixing.of(1.0, 1.0)
    # Cutmix leaves whole values, mixup hardly any.
    whole = [
        bool((mixing(images, labels, key(0, 16 * step))[0].numpy() % 1 == 0).all()) for step in range(12)
    ]
    assert any(whole) and not all(whole)


def test_no_way_of_mixing_changes_nothing() -> None:
    images, labels = tf.constant(random_images(4), tf.float32), tf.one_hot(range(4), 4)
    same = Mixing.of(0.0, 0.0)(images, labels, key(0, 0))
    np.testing.assert_array_equal(same[0], images)
    np.testing.assert_array_equal(same[1], labels)
