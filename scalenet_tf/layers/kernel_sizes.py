"""Several kernel sizes in one stored kernel: a smaller one is the centre of the largest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Sharing
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.row_slices import RowSlice
from scalenet_tf.layers.slicing import Width


class KernelSizes:
    """The kernel sizes of a layer, of which the choice of an op, which may be a tensor, picks one.

    Args:
      sizes: Sides of the kernels, odd.

    Attributes:
      largest: Side of the stored kernel.
    """

    def __init__(self, sizes: Sequence[int]):
        if not sizes or any(size % 2 == 0 for size in sizes):
            raise InvalidInputError(f"`kernel_sizes` must be odd numbers. Received: {list(sizes)}")
        self.sizes = list(sizes)
        self.largest = max(sizes)

    def stored(self, sharing: Sharing) -> list[int]:
        """Kernel size that each row of the variable fills: row i has that of index i % length."""
        return self.sizes if sharing == "op" else [self.largest]

    def mask(self, part: RowSlice, choices: tf.Tensor, sharing: Sharing) -> RowSlice:
        """Marks what lies outside the kernels of the chosen sizes.

        Args:
          part: Slice of rows of kernels [n, side, side, ...].
          choices: int32 [n], index of each row's kernel size.
          sharing: With "op", the weights outside are zero and stay zero; with "slot" they are unused.
        """
        if len(set(self.sizes)) == 1:
            return part
        from_centre = np.abs(np.arange(self.largest) - self.largest // 2)
        distance = np.maximum(from_centre[:, None], from_centre)
        inside = tf.gather(tf.constant(np.stack([distance <= size // 2 for size in self.sizes])), choices)
        for _ in range(part.values.shape.rank - 3):
            inside = inside[..., None]
        if sharing == "op":
            return replace(part, kernel_mask=inside)
        return replace(part, used=inside if part.used is None else inside & part.used)

    def run(
        self, convolve: Callable[[tf.Tensor, int], tf.Tensor], kernel: tf.Tensor, choice: Width
    ) -> tf.Tensor:
        """Convolves with the centre of a kernel.

        Args:
          convolve: Takes the centre [size, size, ...] and its size.
          kernel: The stored kernel, [side, side, ...].
          choice: Index of the kernel size.
        """

        def way(size: int) -> tf.Tensor:
            edge = (self.largest - size) // 2
            return convolve(kernel[edge : edge + size, edge : edge + size], size)

        distinct = sorted(set(self.sizes))
        ways = [partial(way, size) for size in distinct]
        if len(ways) == 1:
            return ways[0]()
        index = tf.constant([distinct.index(size) for size in self.sizes])
        # Gathered, not indexed: XLA would compile for each value of an index.
        return tf.switch_case(tf.gather(index, choice), ways)
