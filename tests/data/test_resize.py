from __future__ import annotations

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from scalenet_tf.data.resize import resize

sides = st.one_of(st.integers(1, 64), st.integers(65, 120))


@tf.function(input_signature=[tf.TensorSpec([None, None, None, None], tf.uint8), tf.TensorSpec([], tf.int32)])
def dynamic(images: tf.Tensor, resolution: tf.Tensor) -> tf.Tensor:
    return resize(images, resolution)


@settings(max_examples=60, deadline=None)
@given(height=sides, width=sides, resolution=st.integers(1, 90), channels=st.sampled_from([1, 3]))
def test_equals_tensorflows_antialiased_resize(
    height: int, width: int, resolution: int, channels: int
) -> None:
    rng = np.random.default_rng([height, width])
    images = rng.integers(0, 256, (2, height, width, channels), np.uint8)
    expected = tf.image.resize(images, [resolution, resolution], antialias=True)
    for result in (
        resize(images_tensor := tf.constant(images), resolution),
        dynamic(images_tensor, resolution),
    ):
        assert result.shape == (2, resolution, resolution, channels)
        assert result.dtype == tf.float32
        np.testing.assert_array_equal(result, resize(tf.cast(images, tf.float32), resolution))
        np.testing.assert_allclose(result, expected, atol=2e-3)


def test_leaves_images_of_that_size_as_they_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), np.uint8)
    np.testing.assert_array_equal(resize(tf.constant(images), 28), images)
    np.testing.assert_array_equal(dynamic(images, 28), images)


def test_static_shape_survives_in_a_graph() -> None:
    spec = tf.TensorSpec([None, None, None, 3], tf.uint8)
    graph = tf.function(lambda images: resize(images, 20)).get_concrete_function(spec)
    assert graph.structured_outputs.shape.as_list() == [None, 20, 20, 3]
    assert dynamic.experimental_get_tracing_count() <= 1
