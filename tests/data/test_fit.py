"""Images of any proportions become squares: cropped, padded or squeezed."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.fit import Fit, fitted, fitted_by_way_of
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.resize import resize


def wide() -> np.ndarray:
    """An image whose left third is 10, whose centre is 100, and whose right third is 200."""
    return np.repeat(np.array([10, 100, 200], np.uint8), 20)[None, None, :, None].repeat(20, axis=1)


@pytest.mark.parametrize("turned", [False, True])
def test_crop_takes_the_centre_and_pad_adds_background(turned: bool) -> None:
    images = wide().transpose(0, 2, 1, 3) if turned else wide()
    cropped = fitted(tf.constant(images), 10, "crop").numpy()
    np.testing.assert_allclose(cropped, 100)
    padded = fitted(tf.constant(images), 12, "pad", (50, 50, 50)).numpy()[0, :, :, 0]
    padded = padded.T if turned else padded
    assert padded.shape == (12, 12)
    np.testing.assert_allclose(padded[[0, 3, 8, 11]], 50)  # 4 of 12 rows are the image
    assert (padded[4:8, 0] < 20).all() and (padded[4:8, 11] > 190).all()
    squeezed = fitted(tf.constant(images), 12, "squeeze").numpy()
    np.testing.assert_array_equal(squeezed, resize(tf.constant(images), 12))


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
def test_square_images_fit_in_every_way(fit: Fit) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 17, 17, 3), np.uint8)
    dynamic = tf.function(lambda images, side: fitted(images, side, fit)).get_concrete_function(
        tf.TensorSpec([None, None, None, 3], tf.uint8), tf.TensorSpec([], tf.int32)
    )
    expected = resize(tf.constant(images), 9)
    np.testing.assert_array_equal(fitted(tf.constant(images), 9, fit), expected)
    np.testing.assert_allclose(dynamic(tf.constant(images), tf.constant(9)), expected, atol=1e-4)


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (2, 3), (7, 5)])
def test_any_proportions_give_a_square(size: tuple[int, int]) -> None:
    images = tf.fill([1, *size, 3], tf.constant(7, tf.uint8))
    for fit in ("crop", "pad", "squeeze"):
        square = fitted(images, 16, fit, (7, 7, 7)).numpy()
        assert square.shape == (1, 16, 16, 3)
        np.testing.assert_allclose(square, 7, atol=1e-4)


@pytest.mark.parametrize("fit", ["crop", "pad", "squeeze"])
@pytest.mark.parametrize("size", [(90, 61), (33, 33), (24, 24), (9, 14)])
@pytest.mark.parametrize("side", [12, 24, 30])
def test_new_images_come_to_a_network_as_those_of_training(
    fit: Fit, size: tuple[int, int], side: int
) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    decode = ImageFormat(24, 3, fit=fit, resized=True, converted=True).decode
    kept, _ = decode(tf.io.encode_png(image))
    expected = resize(kept[None], side)
    served = tf.function(lambda images: fitted_by_way_of(24, images, side, fit)).get_concrete_function(
        tf.TensorSpec([None, None, None, 3], tf.uint8)
    )
    for found in (fitted_by_way_of(24, image[None], side, fit), served(tf.constant(image[None]))):
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_images_of_the_networks_own_side_are_not_changed() -> None:
    image = np.random.default_rng(1).uniform(0, 255, (1, 12, 12, 1)).astype(np.float32)
    np.testing.assert_array_equal(fitted_by_way_of(24, image, 12, "crop"), image)
