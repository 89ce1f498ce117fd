"""Squeeze-excite of leading channels."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.dense import DynamicDense
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.row_slices import Weights, one_row, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.rules import squeeze_width


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicSqueezeExcite(DynamicLayer):
    """Squeeze-excite: scales each channel by a gate computed from the means of all channels.

    Args:
      reduction: Channels per squeezed channel; there is at least one squeezed channel.
      rows: Number of sets of weights.
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, H, W, width].
      row: Set of weights to use, 0 to rows - 1.
    """

    def __init__(self, reduction: int = 4, **kwargs: Any):
        super().__init__(**kwargs)
        self.reduction = reduction

    def build(self, input_shape: Any) -> None:
        width = input_shape[-1]
        squeezed = squeeze_width(width, self.reduction)
        seed = self.seed or []
        common: dict[str, Any] = {"kind": "conv", "rows": self.rows, "dtype": self.dtype_policy}
        self.squeeze = DynamicDense(squeezed, seed=self.seed and [*seed, 1], name="squeeze", **common)
        self.excite = DynamicDense(width, seed=self.seed and [*seed, 2], name="excite", **common)
        self.squeeze.build((None, width))
        self.excite.build((None, squeezed))

    def select(self, rows: tf.Tensor, width: Width, used: tf.Tensor | None = None) -> dict[str, Any]:
        """Selects the leading channels of some rows.

        Args:
          rows: int32 [n], each at most once.
          width: Number of channels.
          used: bool [n, width], False for channels that a row does not use.
        """
        squeezed = squeezed_width(width, self.reduction)
        inner = None
        if used is not None:
            own = squeezed_width(tf.reduce_sum(tf.cast(used, tf.int32), 1, keepdims=True), self.reduction)
            # Without the second condition, a row that uses no channel would use one squeezed channel.
            inner = (tf.range(squeezed) < own) & tf.reduce_any(used, 1, keepdims=True)
        return {
            "squeeze": self.squeeze.select(rows, width, squeezed, used, inner),
            "excite": self.excite.select(rows, squeezed, width, inner, used),
        }

    def compute(self, inputs: tf.Tensor, weights: Weights) -> tf.Tensor:
        """Scales [N, H, W, width] by the gates of one row."""
        means = tf.reduce_mean(inputs, [1, 2])
        squeezed = tf.nn.relu(self.squeeze.compute(means, weights["squeeze"]))
        gate = keras.activations.hard_sigmoid(self.excite.compute(squeezed, weights["excite"]))
        return inputs * gate[:, None, None, :]

    def call(self, inputs: tf.Tensor, row: Width = 0) -> tf.Tensor:
        selection = self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1])
        return self.compute(inputs, one_row(values(selection)))

    def compute_output_shape(self, input_shape: Any, row: Any = 0) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reduction": self.reduction}


def squeezed_width(width: Width, reduction: int) -> Width:
    """`rules.squeeze_width` for a Python integer or a tensor."""
    if isinstance(width, int):
        return squeeze_width(width, reduction)
    return tf.maximum(1, width // reduction)
