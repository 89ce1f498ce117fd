"""Batch normalisation of leading channels, by the batch's statistics or by given ones."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.cuts import Width
from scalenet_tf.layers.initializers import OnesThenZeros
from scalenet_tf.layers.rows import DynamicLayer, RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.replicas import ONE, Replicas
from scalenet_tf.static import EPSILON

Moments = tuple[tf.Tensor, tf.Tensor]


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicBatchNormalization(DynamicLayer):
    """Batch normalisation of any leading channels. It keeps no running statistics.

    The statistics of a slice depend on the subnet around it, so they are a value: the batch's own in
    training, and what recalibration returned in evaluation. Scale and offset are one weight,
    [rows, 2, channels]: a step reads and moves both at once.

    Args:
      rows: How many sets of scale and offset the layer holds.
      epsilon: Added to the variance.

    Call arguments:
      inputs: [N, H, W, width].
      row: Which set, 0 to rows - 1.
      statistics: (mean, variance) of `width` channels; the batch's own where None.
    """

    def __init__(self, epsilon: float = EPSILON, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        self.gamma_beta = self.add_rows("gamma_beta", (2, input_shape[-1]), OnesThenZeros())

    def select(self, rows: tf.Tensor, width: Width, used: tf.Tensor | None = None) -> dict[str, RowSlice]:
        """The leading `width` channels of `rows`; `used` [n, width] marks those of each row."""
        both = None if used is None else used[:, None, :]
        return {"gamma_beta": slice_rows(self.gamma_beta, "norm", rows, (2, width), both)}

    def compute(
        self, inputs: tf.Tensor, weights: Weights, replicas: Replicas = ONE
    ) -> tuple[tf.Tensor, Moments]:
        """Normalises with one row's values, and with `mean` and `variance` where these stand among them.

        The batch's statistics are those of the global batch, which `replicas` share in equal parts.

        Returns:
          The output, and the (mean, variance) that it was normalised with: population variance,
          float32 at least.
        """
        if "offset" in weights:  # folded: the scale is the kernel's already
            offset = tf.cast(weights["offset"], inputs.dtype)
            return tf.nn.bias_add(inputs, offset), (weights["mean"], weights["variance"])
        gamma, beta = tf.unstack(weights["gamma_beta"], 2)
        if "mean" in weights:
            factor, offset = scale_and_offset({**weights, "gamma": gamma, "beta": beta}, self.epsilon)
            y = inputs * tf.cast(factor, inputs.dtype) + tf.cast(offset, inputs.dtype)
            return y, (weights["mean"], weights["variance"])
        if replicas.count > 1:
            return _synchronised(inputs, gamma, beta, self.epsilon, replicas)
        if inputs.dtype == tf.float64:  # the fused operation has no float64 kernel
            mean, variance = tf.nn.moments(inputs, [0, 1, 2])
            return tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, self.epsilon), (
                mean,
                variance,
            )
        y, mean, corrected, _, _, _ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=[], variance=[], epsilon=self.epsilon, is_training=True
        )
        # The operation reports Bessel's correction of the variance that it normalised with.
        count = tf.cast(tf.size(inputs, tf.int64) // tf.size(gamma, tf.int64), corrected.dtype)
        return y, (mean, corrected * (count - 1) / count)

    def call(self, inputs: tf.Tensor, row: Width = 0, statistics: Moments | None = None) -> tf.Tensor:
        weights = one_row(values(self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1])))
        if statistics is not None:
            weights |= {"mean": statistics[0], "variance": statistics[1]}
        return self.compute(inputs, weights)[0]

    def compute_output_shape(self, input_shape: Any, row: Any = 0, statistics: Any = None) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}


def scale_and_offset(weights: Weights, epsilon: float = EPSILON) -> tuple[tf.Tensor, tf.Tensor]:
    """What a channel is multiplied by, and what is then added, to normalise it by given statistics."""
    factor = weights["gamma"] * tf.math.rsqrt(weights["variance"] + epsilon)
    return factor, weights["beta"] - weights["mean"] * factor


def _synchronised(
    inputs: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: float, replicas: Replicas
) -> tuple[tf.Tensor, Moments]:
    """Normalises by the statistics of the global batch: one sum over the replicas forward, one backward."""
    kind, replicas = gamma.dtype, replicas.bound()

    @tf.custom_gradient
    def normalise(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) -> Any:
        mean, variance = _pooled(tf.cast(x, kind), replicas)
        inverse = tf.math.rsqrt(variance + epsilon)
        normal = (tf.cast(x, kind) - mean) * inverse
        images = tf.cast(tf.size(x) // tf.size(gamma), kind) * replicas.count

        def gradient(upstream: tf.Tensor, *unused: tf.Tensor) -> Any:
            upstream = tf.cast(upstream, kind)
            of_gamma = tf.reduce_sum(upstream * normal, [0, 1, 2])
            of_beta = tf.reduce_sum(upstream, [0, 1, 2])
            # What reaches an input through the statistics comes from the images of all replicas.
            through = [part / images for part in replicas.sum([of_gamma, of_beta])]
            of_x = gamma * inverse * (upstream - normal * through[0] - through[1])
            return tf.cast(of_x, x.dtype), of_gamma, of_beta

        return (tf.cast(normal * gamma + beta, x.dtype), mean, variance), gradient

    y, mean, variance = normalise(inputs, gamma, beta)
    return y, (mean, variance)


def _pooled(x: tf.Tensor, replicas: Replicas) -> Moments:
    """Mean and population variance of each channel over the replicas' equal parts."""
    # In double precision, which TPUs lack, the squares of the means cancel without harm to the variance.
    exact = x.dtype if replicas.on_tpu else tf.float64
    mean, variance = (tf.cast(part, exact) for part in tf.nn.moments(x, [0, 1, 2]))
    mean, square = (part / replicas.count for part in replicas.sum([mean, variance + tf.square(mean)]))
    return tf.cast(mean, x.dtype), tf.cast(tf.maximum(square - tf.square(mean), 0), x.dtype)
