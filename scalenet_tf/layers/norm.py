"""Batch normalisation of leading channels, by the batch's statistics or by given ones."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers.batch_norm import EPSILON, Moments, normalise
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.initializers import OnesThenZeros
from scalenet_tf.layers.row_slices import RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.layers.slicing import Width


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicBatchNormalization(DynamicLayer):
    """Batch normalisation of any leading channels, without running statistics.

    Statistics depend on the subnet around the layer, so they are passed in: recalibration returns those
    for evaluation, and training uses the batch's own. Scale and offset are one weight, [rows, 2, channels],
    so that a step reads and writes both at once.

    Args:
      epsilon: Added to the variance.
      channels_multiple_of_4: Whether the number of channels is always a multiple of 4, which allows for the
        fused operation.
      rows: Number of sets of scale and offset.

    Call arguments:
      inputs: [N, H, W, width].
      row: Set of scale and offset to use, 0 to rows - 1.
      statistics: (mean, variance), [width] each. Default: the batch's own.
    """

    def __init__(self, epsilon: float = EPSILON, channels_multiple_of_4: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.channels_multiple_of_4 = channels_multiple_of_4

    def build(self, input_shape: Any) -> None:
        self.gamma_beta = self.add_rows("gamma_beta", (2, input_shape[-1]), OnesThenZeros())

    def select(self, rows: tf.Tensor, width: Width, used: tf.Tensor | None = None) -> dict[str, RowSlice]:
        """Selects the leading channels of some rows.

        Args:
          rows: int32 [n], each at most once.
          width: Number of channels.
          used: bool [n, width], False for channels that a row does not use.
        """
        both = None if used is None else used[:, None, :]
        return {"gamma_beta": slice_rows(self.gamma_beta, "norm", rows, (2, width), both)}

    def compute(
        self, inputs: tf.Tensor, weights: Weights, replicas: Replicas = ONE
    ) -> tuple[tf.Tensor, Moments]:
        """Normalises with the values of one row.

        Args:
          inputs: [N, H, W, width].
          weights: `gamma_beta` [2, width]; `mean` and `variance` [width] to use instead of the batch's own;
            with `offset`, the scale is folded into the convolution before.
          replicas: Replicas that share the batch in equal parts. Statistics are those of the global batch.

        Returns:
          The output, and the (mean, population variance) that it was normalised with, float32 or float64.
        """
        if "offset" in weights:  # folded: the scale is the kernel's already
            offset = tf.cast(weights["offset"], inputs.dtype)
            return tf.nn.bias_add(inputs, offset), (weights["mean"], weights["variance"])
        gamma, beta = tf.unstack(weights["gamma_beta"], 2)
        if "mean" in weights:
            factor, offset = scale_and_offset({**weights, "gamma": gamma, "beta": beta}, self.epsilon)
            y = inputs * tf.cast(factor, inputs.dtype) + tf.cast(offset, inputs.dtype)
            return y, (weights["mean"], weights["variance"])
        return normalise(inputs, gamma, beta, self.epsilon, replicas, self.channels_multiple_of_4)

    def call(self, inputs: tf.Tensor, row: Width = 0, statistics: Moments | None = None) -> tf.Tensor:
        weights = one_row(values(self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1])))
        if statistics is not None:
            weights |= {"mean": statistics[0], "variance": statistics[1]}
        return self.compute(inputs, weights)[0]

    def compute_output_shape(self, input_shape: Any, row: Any = 0, statistics: Any = None) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "channels_multiple_of_4": self.channels_multiple_of_4,
        }


def scale_and_offset(weights: Weights, epsilon: float = EPSILON) -> tuple[tf.Tensor, tf.Tensor]:
    """Factor and offset of each channel that together normalise by given statistics, [channels] each."""
    factor = weights["gamma"] * tf.math.rsqrt(weights["variance"] + epsilon)
    return factor, weights["beta"] - weights["mean"] * factor
