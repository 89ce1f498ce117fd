"""Batch normalisation of leading channels, by the batch's statistics or by given ones."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers.batch_norm import EPSILON, Moments, normalise
from scalenet_tf.layers.initializers import OnesThenZeros
from scalenet_tf.layers.row_slices import DynamicLayer, RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.layers.slicing import Width


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicBatchNormalization(DynamicLayer):
    """Batch normalisation of any leading channels. It keeps no running statistics.

    The statistics of a slice depend on the subnet around it, so they are a value: the batch's own in
    training, and what recalibration returned in evaluation. Scale and offset are one weight,
    [rows, 2, channels]: a step reads and moves both at once.

    Args:
      rows: How many sets of scale and offset the layer holds.
      epsilon: Added to the variance.
      in_fours: Whether its channels are always a multiple of 4, which `batch_norm` is told.

    Call arguments:
      inputs: [N, H, W, width].
      row: Which set, 0 to rows - 1.
      statistics: (mean, variance) of `width` channels; the batch's own where None.
    """

    def __init__(self, epsilon: float = EPSILON, in_fours: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.in_fours = in_fours

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
        return normalise(inputs, gamma, beta, self.epsilon, replicas, self.in_fours)

    def call(self, inputs: tf.Tensor, row: Width = 0, statistics: Moments | None = None) -> tf.Tensor:
        weights = one_row(values(self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1])))
        if statistics is not None:
            weights |= {"mean": statistics[0], "variance": statistics[1]}
        return self.compute(inputs, weights)[0]

    def compute_output_shape(self, input_shape: Any, row: Any = 0, statistics: Any = None) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon, "in_fours": self.in_fours}


def scale_and_offset(weights: Weights, epsilon: float = EPSILON) -> tuple[tf.Tensor, tf.Tensor]:
    """What a channel is multiplied by, and what is then added, to normalise it by given statistics."""
    factor = weights["gamma"] * tf.math.rsqrt(weights["variance"] + epsilon)
    return factor, weights["beta"] - weights["mean"] * factor
