"""A dense layer of leading channels."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.initializers import RowHeNormal
from scalenet_tf.layers.row_slices import Kind, RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.layers.slicing import Width


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicDense(DynamicLayer):
    """Dense layer, inputs @ kernel + bias, for any leading input and output channels.

    Args:
      units: Largest number of outputs.
      kind: Kind of its kernel, "dense" or "conv", which decides the weight decay.
      rows: Number of sets of weights.
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, in_width].
      row: Set of weights to use, 0 to rows - 1.
      width: Number of outputs, 1 to units. Default: `units`.
    """

    def __init__(self, units: int, kind: Kind = "dense", **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units
        self.kind: Kind = kind

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_rows("kernel", (input_shape[-1], self.units), RowHeNormal(self.seed))
        self.bias = self.add_rows("bias", (self.units,), "zeros")

    def select(
        self,
        rows: tf.Tensor,
        in_width: Width,
        width: Width,
        used_in: tf.Tensor | None = None,
        used: tf.Tensor | None = None,
    ) -> dict[str, RowSlice]:
        """Selects the leading inputs and outputs of some rows.

        Args:
          rows: int32 [n], each at most once.
          in_width: Number of inputs.
          width: Number of outputs.
          used_in: bool [n, in_width], False for inputs that a row does not use.
          used: bool [n, width], False for outputs that a row does not use.
        """
        both = None if used_in is None or used is None else used_in[:, :, None] & used[:, None, :]
        return {
            "kernel": slice_rows(self.kernel, self.kind, rows, (in_width, width), both),
            "bias": slice_rows(self.bias, "bias", rows, (width,), used),
        }

    def compute(self, inputs: tf.Tensor, weights: Weights) -> tf.Tensor:
        """Multiplies [N, in_width] by the kernel of one row and adds its bias."""
        kernel, bias = (tf.cast(weights[name], inputs.dtype) for name in ("kernel", "bias"))
        return tf.matmul(inputs, kernel) + bias

    def call(self, inputs: tf.Tensor, row: Width = 0, width: Width | None = None) -> tf.Tensor:
        width = self.units if width is None else width
        selection = self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1], width)
        return self.compute(inputs, one_row(values(selection)))

    def compute_output_shape(
        self, input_shape: Any, row: Any = 0, width: int | None = None
    ) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units if width is None else width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "kind": self.kind}
