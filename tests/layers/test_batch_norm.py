from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.layers.batch_norm import normalise

EPSILON = 1e-3


def in_double(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, upstream: np.ndarray) -> list[np.ndarray]:
    """Output, mean, variance and gradients by TensorFlow's own differentiation in float64."""
    x, gamma, beta = (tf.constant(part, tf.float64) for part in (x, gamma, beta))
    with tf.GradientTape() as tape:
        tape.watch([x, gamma, beta])
        mean, variance = tf.nn.moments(x, [0, 1, 2])
        y = tf.nn.batch_normalization(x, mean, variance, beta, gamma, EPSILON)
    gradients = tape.gradient(y, [x, gamma, beta], tf.constant(upstream, tf.float64))
    return [part.numpy() for part in (y, mean, variance, *gradients)]


@pytest.mark.parametrize("channels", [8, 6, 5])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-5), ("float64", 1e-12)])
def test_both_ways_state_the_mathematics_of_batch_norm(channels: int, dtype: str, tolerance: float) -> None:
    rng = np.random.default_rng(channels)
    maps = rng.normal(3, 2, (4, 7, 5, channels))
    gamma, beta = rng.uniform(0.5, 2, channels), rng.normal(size=channels)
    upstream = rng.normal(size=maps.shape)
    inputs = [tf.constant(part, dtype) for part in (maps, gamma, beta)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y, (mean, variance) = normalise(*inputs, EPSILON)
    gradients = tape.gradient(y, inputs, tf.constant(upstream, dtype))
    expected = in_double(maps, gamma, beta, upstream)
    for own, known in zip([y, mean, variance, *gradients], expected, strict=True):
        np.testing.assert_allclose(own, known, rtol=tolerance, atol=tolerance * np.abs(known).max())


@pytest.mark.parametrize(
    ("channels", "channels_multiple_of_4", "fused"),
    [(12, False, True), (14, False, False), (None, False, False), (None, True, True)],
)
def test_the_fused_operation_serves_multiples_of_four_alone(
    channels: int | None, channels_multiple_of_4: bool, fused: bool
) -> None:
    @tf.function(input_signature=[tf.TensorSpec([2, 4, 4, channels]), tf.TensorSpec([channels])])
    def run(maps: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        return normalise(maps, weights, weights, EPSILON, channels_multiple_of_4=channels_multiple_of_4)[0]

    operations = {operation.type for operation in run.get_concrete_function().graph.get_operations()}
    assert ("FusedBatchNormV3" in operations) == fused


def test_half_precision_is_normalised_by_statistics_of_float32() -> None:
    maps = tf.cast(tf.random.stateless_normal([8, 6, 6, 5], [0, 0], mean=100.0), tf.bfloat16)
    y, (mean, variance) = normalise(maps, tf.ones(5), tf.zeros(5), EPSILON)
    assert y.dtype == tf.bfloat16 and mean.dtype == variance.dtype == tf.float32
    known = tf.nn.moments(tf.cast(maps, tf.float32), [0, 1, 2])
    np.testing.assert_allclose(mean, known[0], rtol=1e-5)
    np.testing.assert_allclose(variance, known[1], rtol=1e-3)
