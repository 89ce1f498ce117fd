"""Batch normalisation by the batch's own statistics, in the two implementations that are fast on a CPU."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas

EPSILON = 1e-5

Moments = tuple[tf.Tensor, tf.Tensor]

# On a CPU, TensorFlow's fused operation takes at least twice as long if channels are no multiple of this.
FUSED_MULTIPLE = 4


def normalise(
    x: tf.Tensor,
    gamma: tf.Tensor,
    beta: tf.Tensor,
    epsilon: float,
    replicas: Replicas = ONE,
    channels_multiple_of_4: bool = False,
) -> tuple[tf.Tensor, Moments]:
    """Batch normalisation in training.

    Args:
      x: [N, H, W, channels].
      gamma: [channels], scale, float32 or float64.
      beta: [channels], offset, of gamma's type.
      epsilon: Added to the variance.
      replicas: Replicas that share the batch in equal parts. Statistics are those of the global batch.
      channels_multiple_of_4: Whether the number of channels is a multiple of `FUSED_MULTIPLE`. It tells so
        where the graph does not know the number.

    Returns:
      The output, and the (mean, population variance) that it was normalised with, of gamma's type.
    """
    if (
        replicas.count == 1
        and x.dtype != tf.float64
        and (channels_multiple_of_4 or _fused_is_fast(x.shape[-1]))
    ):
        return fused(x, gamma, beta, epsilon)
    return composed(x, gamma, beta, epsilon, replicas)


def _fused_is_fast(channels: int | None) -> bool:
    if tf.config.list_physical_devices("GPU"):
        return True
    return channels is not None and channels % FUSED_MULTIPLE == 0


def fused(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float) -> tuple[tf.Tensor, Moments]:
    """`normalise` by TensorFlow's fused operation, which has no float64 kernel."""
    y, mean, corrected, _, _, _ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=gamma, offset=beta, mean=[], variance=[], epsilon=epsilon, is_training=True
    )
    # The operation reports Bessel's correction of the variance that it normalised with.
    count = tf.cast(tf.size(x, tf.int64) // tf.size(gamma, tf.int64), corrected.dtype)
    return y, (mean, corrected * (count - 1) / count)


def composed(
    x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float, replicas: Replicas = ONE
) -> tuple[tf.Tensor, Moments]:
    """`normalise` composed of several operations, with one sum over the replicas in each direction."""
    kind, replicas = gamma.dtype, replicas.bound()

    def flat(maps: tf.Tensor) -> tf.Tensor:
        return tf.reshape(tf.cast(maps, kind), [-1, tf.size(gamma)])

    @tf.custom_gradient
    def run(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) -> Any:
        pixels = flat(x)
        mean, variance = _moments(pixels, replicas)
        deviation = pixels - mean
        inverse = tf.math.rsqrt(variance + epsilon)
        images = tf.cast(tf.shape(pixels)[0], kind) * replicas.count

        def gradient(upstream: tf.Tensor, *unused: tf.Tensor) -> Any:
            upstream = flat(upstream)
            grad_gamma = inverse * _sums(upstream * deviation)
            grad_beta = _sums(upstream)
            # The statistics pass on the gradients of the images of all replicas.
            grad_scale, grad_offset = (part / images for part in replicas.sum([grad_gamma, grad_beta]))
            grad_x = gamma * inverse * (upstream - deviation * (inverse * grad_scale) - grad_offset)
            return tf.cast(tf.reshape(grad_x, tf.shape(x)), x.dtype), grad_gamma, grad_beta

        y = deviation * (inverse * gamma) + beta
        return (tf.cast(tf.reshape(y, tf.shape(x)), x.dtype), mean, variance), gradient

    y, mean, variance = run(x, gamma, beta)
    return tf.ensure_shape(y, x.shape), (mean, variance)


def _sums(pixels: tf.Tensor) -> tf.Tensor:
    """Sums [pixels, channels] over the pixels, as a matrix product, since a reduction takes longer."""
    return tf.matmul(tf.ones([1, tf.shape(pixels)[0]], pixels.dtype), pixels)[0]


def _moments(pixels: tf.Tensor, replicas: Replicas) -> Moments:
    """Mean and population variance of each channel over the pixels of all replicas."""
    count = tf.cast(tf.shape(pixels)[0], pixels.dtype)
    mean = _sums(pixels) / count
    variance = _sums(tf.square(pixels - mean)) / count
    if replicas.count == 1:
        return mean, variance
    # In double precision, which TPUs lack, the squares of the means cancel without harm to the variance.
    exact = pixels.dtype if replicas.on_tpu else tf.float64
    mean, variance = tf.cast(mean, exact), tf.cast(variance, exact)
    mean, square = (part / replicas.count for part in replicas.sum([mean, variance + tf.square(mean)]))
    return tf.cast(mean, pixels.dtype), tf.cast(tf.maximum(square - tf.square(mean), 0), pixels.dtype)
