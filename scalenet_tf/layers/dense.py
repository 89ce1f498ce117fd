"""A dense layer that runs the leading channels of one of its rows."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.initializers import RowHeNormal
from scalenet_tf.layers.row_slices import (
    DynamicLayer,
    Kind,
    RowSlice,
    Weights,
    Width,
    one_row,
    slice_rows,
    values,
)


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicDense(DynamicLayer):
    """x @ kernel + bias, of any leading input and output channels.

    Args:
      units: Most outputs.
      kind: What its kernel counts as for weight decay, "dense" or "conv".
      rows: How many sets of weights the layer holds.
      seed: Of the initial values.

    Call arguments:
      inputs: [N, in_width].
      row: Which set of weights, 0 to rows - 1.
      width: Outputs, 1 to units; all where None.
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
        """The leading channels of `rows`; `used_in` [n, in_width], `used` [n, width] mark each row's."""
        both = None if used_in is None or used is None else used_in[:, :, None] & used[:, None, :]
        return {
            "kernel": slice_rows(self.kernel, self.kind, rows, (in_width, width), both),
            "bias": slice_rows(self.bias, "bias", rows, (width,), used),
        }

    def compute(self, inputs: tf.Tensor, weights: Weights) -> tf.Tensor:
        """Multiplies with one row's values."""
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
