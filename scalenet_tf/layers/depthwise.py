"""A depthwise convolution of leading channels with several kernel sizes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.config import Sharing
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.initializers import RowCentredNormal
from scalenet_tf.layers.kernel_sizes import KernelSizes
from scalenet_tf.layers.padding import pad_images
from scalenet_tf.layers.row_slices import RowSlice, Weights, one_row, slice_rows, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.rules import output_size


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicDepthwiseConv2D(DynamicLayer):
    """Depthwise 2-D convolution without bias, for any leading channels.

    Rows are stored at the largest kernel size; a smaller kernel is the centre of its row.

    Args:
      kernel_sizes: Sides of the kernels, odd.
      strides: 1 or 2.
      sharing: With "slot", every row runs at every kernel size. With "op", row i has size
        kernel_sizes[i % len(kernel_sizes)] alone; its weights outside that are zero and stay zero.
      rows: Number of sets of weights.
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, H, W, width].
      row: Set of weights to use, 0 to rows - 1.
      choice: Index of the kernel size, with sharing "slot". Default: 0.
    """

    def __init__(self, kernel_sizes: Sequence[int], strides: int = 1, sharing: Sharing = "op", **kwargs: Any):
        super().__init__(**kwargs)
        self._sizes = KernelSizes(kernel_sizes)
        self.kernel_sizes = list(kernel_sizes)
        self.strides = strides
        self.sharing = sharing

    def build(self, input_shape: Any) -> None:
        side = self._sizes.largest
        initializer = RowCentredNormal(self._sizes.stored(self.sharing), self.seed)
        self.kernel = self.add_rows("kernel", (side, side, input_shape[-1]), initializer)

    def select(
        self, rows: tf.Tensor, width: Width, choices: tf.Tensor, used: tf.Tensor | None = None
    ) -> dict[str, RowSlice]:
        """Selects the leading channels of some rows.

        Args:
          rows: int32 [n], each at most once.
          width: Number of channels.
          choices: int32 [n], index of each row's kernel size.
          used: bool [n, width], False for channels that a row does not use.
        """
        side = self._sizes.largest
        mask = None if used is None else used[:, None, None, :]
        part = slice_rows(self.kernel, "conv", rows, (side, side, width), mask)
        return {"kernel": self._sizes.mask(part, choices, self.sharing)}

    def compute(self, inputs: tf.Tensor, weights: Weights, choice: Width = 0) -> tf.Tensor:
        """Convolves [N, H, W, width] with the values of one row at kernel size `kernel_sizes[choice]`."""
        kernel = tf.cast(weights["kernel"], inputs.dtype)
        return self._sizes.run(partial(self._convolve, inputs), kernel, choice)

    def _convolve(self, inputs: tf.Tensor, centre: tf.Tensor, size: int) -> tf.Tensor:
        strides = [1, self.strides, self.strides, 1]
        if self.strides == 1:
            return tf.nn.depthwise_conv2d(inputs, centre[..., None], strides, "SAME")
        return tf.nn.depthwise_conv2d(pad_images(inputs, size), centre[..., None], strides, "VALID")

    def call(self, inputs: tf.Tensor, row: Width = 0, choice: Width = 0) -> tf.Tensor:
        choice = choice if self.sharing == "slot" else row % len(self.kernel_sizes)
        selection = self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1], tf.reshape(choice, [1]))
        return self.compute(inputs, one_row(values(selection)), choice)

    def compute_output_shape(self, input_shape: Any, row: Any = 0, choice: Any = 0) -> tuple[int | None, ...]:
        count, *sides, width = input_shape
        size = self.kernel_sizes[0]
        return (count, *[None if s is None else output_size(s, size, self.strides) for s in sides], width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_sizes": self.kernel_sizes,
            "strides": self.strides,
            "sharing": self.sharing,
        }
