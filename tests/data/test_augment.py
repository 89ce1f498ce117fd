from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import AugmentationConfig
from scalenet_tf.data.augment import augment
from tests.helpers.image_sets import random_images

OFF = {"flip": False, "shift": 0.0, "erase": 0.0}


def run(images: np.ndarray, key: tuple[int, int] = (0, 0), **changes: object) -> np.ndarray:
    config = AugmentationConfig.model_validate(OFF | changes)
    return augment(tf.constant(images), config, key=tf.constant(key, tf.int64)).numpy()


def test_nothing_changes_when_all_is_off() -> None:
    images = random_images(8)
    np.testing.assert_array_equal(run(images), images)


def test_is_a_function_of_seed_and_step() -> None:
    images = random_images(32)
    everything = {"flip": True, "shift": 0.2, "erase": 0.3}
    first = run(images, (3, 5), **everything)
    tf.random.set_seed(99)
    np.testing.assert_array_equal(first, run(images, (3, 5), **everything))
    assert (first != run(images, (3, 6), **everything)).any()
    assert (first != run(images, (4, 5), **everything)).any()


def test_flip_mirrors_about_half() -> None:
    images = random_images(400)
    result = run(images, flip=True)
    mirrored = (result == images[:, :, ::-1]).all(axis=(1, 2, 3))
    kept = (result == images).all(axis=(1, 2, 3))
    assert (mirrored ^ kept).all()
    assert 160 < mirrored.sum() < 240


def test_shift_moves_each_image_by_whole_pixels_onto_black() -> None:
    images = random_images(300) | 1  # no pixel is black
    offsets = set()
    for before, after in zip(images, run(images, shift=0.25), strict=True):  # 3 of 12 pixels
        rows, columns = (np.flatnonzero(after.any(axis=(axis, 2))) for axis in (1, 0))
        down = 12 - len(rows) if rows[0] else len(rows) - 12
        right = 12 - len(columns) if columns[0] else len(columns) - 12
        expected = np.zeros_like(before)
        expected[max(down, 0) : 12 + min(down, 0), max(right, 0) : 12 + min(right, 0)] = before[
            max(-down, 0) : 12 - max(down, 0), max(-right, 0) : 12 - max(right, 0)
        ]
        np.testing.assert_array_equal(after, expected)
        offsets.add((down, right))
    assert {down for down, _ in offsets} == {right for _, right in offsets} == set(range(-3, 4))


def test_erase_greys_one_square_inside() -> None:
    images = np.zeros((200, 12, 12, 1), np.uint8)
    result = run(images, erase=0.34)  # 4 pixels
    corners = set()
    for image in result[..., 0]:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert len(rows) == len(columns) == 4
        assert (image[rows[0] : rows[0] + 4, columns[0] : columns[0] + 4] == 128).all()
        corners.add(rows[0])
    assert corners == set(range(9))


@pytest.mark.parametrize("parts", [2, 4])
def test_draws_do_not_depend_on_how_a_batch_is_shared(parts: int) -> None:
    images, config, key = random_images(16), AugmentationConfig(erase=0.3), tf.constant([1, 2], tf.int64)
    size = 16 // parts
    shared = [
        augment(tf.constant(images[at : at + size]), config, key=key, position=at, total=16)
        for at in range(0, 16, size)
    ]
    np.testing.assert_array_equal(tf.concat(shared, 0), augment(tf.constant(images), config, key=key))
