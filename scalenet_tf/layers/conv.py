"""A 2-D convolution of leading channels."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.initializers import RowHeNormal
from scalenet_tf.layers.padding import pad_images
from scalenet_tf.layers.row_slices import RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.rules import output_size


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicConv2D(DynamicLayer):
    """2-D convolution without bias, for any leading input and output channels.

    Args:
      filters: Largest number of output channels.
      kernel_size: Side of the kernel, odd. Inputs are padded by kernel_size // 2 on all sides.
      strides: 1 or 2.
      rows: Number of sets of weights.
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, H, W, in_width].
      row: Set of weights to use, 0 to rows - 1.
      width: Number of output channels, 1 to filters. Default: `filters`.

    Example:
      >>> layer = DynamicConv2D(64, 3, rows=4)
      >>> layer(images, row=2, width=48).shape[-1]
      48
    """

    def __init__(self, filters: int, kernel_size: int = 1, strides: int = 1, **kwargs: Any):
        super().__init__(**kwargs)
        if kernel_size % 2 == 0:
            raise InvalidInputError(f"`kernel_size` must be odd. Received: {kernel_size}")
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides

    def build(self, input_shape: Any) -> None:
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_rows("kernel", shape, RowHeNormal(self.seed))

    def select(
        self, rows: tf.Tensor, in_width: Width, width: Width, used: tf.Tensor | None = None
    ) -> dict[str, RowSlice]:
        """Selects the leading input and output channels of some rows.

        Args:
          rows: int32 [n], each at most once.
          in_width: Number of input channels.
          width: Number of output channels.
          used: bool [n, in_width, 1] or [n, 1, width], False for channels that a row does not use.
        """
        size = (self.kernel_size, self.kernel_size, in_width, width)
        mask = None if used is None else used[:, None, None]
        return {"kernel": slice_rows(self.kernel, "conv", rows, size, mask)}

    def compute(self, inputs: tf.Tensor, weights: Weights) -> tf.Tensor:
        """Convolves [N, H, W, in_width] with the values of one row."""
        kernel = tf.cast(weights["kernel"], inputs.dtype)
        if self.strides == 1:
            return tf.nn.conv2d(inputs, kernel, 1, "SAME")
        return tf.nn.conv2d(pad_images(inputs, self.kernel_size), kernel, self.strides, "VALID")

    def call(self, inputs: tf.Tensor, row: Width = 0, width: Width | None = None) -> tf.Tensor:
        width = self.filters if width is None else width
        selection = self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1], width)
        return self.compute(inputs, one_row(values(selection)))

    def compute_output_shape(
        self, input_shape: Any, row: Any = 0, width: int | None = None
    ) -> tuple[int | None, ...]:
        count, *sides, _ = input_shape
        out = [None if s is None else output_size(s, self.kernel_size, self.strides) for s in sides]
        return (count, *out, self.filters if width is None else width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
        }
