"""The ops of a block that declares its layers, as data that the choice of an op indexes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.block_layers import Conv, Depthwise, SqueezeExcite, widths_of
from scalenet_tf.space.block_op import BlockOp

# Widths of input and output at which inner widths are compared.
_SAMPLES = tuple(itertools.product((4, 24, 36), (4, 20, 44)))


class ChainMenu:
    """A stage's menu of ops: kernel sizes, inner widths and squeeze-excite of a choice.

    Args:
      ops: At least one op, all of one block.
      stride: Stride of the block.

    Attributes:
      layers: The layers in order, as the op that has most of them declares them.
      convolutions: Those that are not squeeze-excite.
      any_gate, all_gates: Whether any or all of the ops have squeeze-excite.
    """

    def __init__(self, ops: Sequence[BlockOp], stride: int):
        self._ops, self._stride = ops, stride
        chains = [list(op.layers(24, 40, stride)) for op in ops]
        self.layers = max(chains, key=len)
        self.convolutions = [layer for layer in self.layers if not isinstance(layer, SqueezeExcite)]
        self._gates = [len(chain) > len(self.convolutions) for chain in chains]
        self.any_gate, self.all_gates = any(self._gates), all(self._gates)
        own: list[list[Conv | Depthwise]] = [
            [layer for layer in chain if not isinstance(layer, SqueezeExcite)] for chain in chains
        ]
        self._kernels = [[layer.kernel for layer in column] for column in zip(*own, strict=True)]
        self.same = self._everywhere(lambda widths: len(set(widths)) == 1)
        self.multiple_of_4 = self._everywhere(lambda widths: not any(width % 4 for width in widths))

    def kernels(self, index: int) -> list[int]:
        """Kernel size of convolution `index` in each op."""
        return self._kernels[index]

    def widths(self, in_width: Width, out_width: Width) -> list[list[Any]]:
        """Number of output channels of each convolution, in each op."""
        rows = []
        for op in self._ops:
            layers = op.layers(in_width, out_width, self._stride)
            rows.append(widths_of([own for own in layers if not isinstance(own, SqueezeExcite)], in_width))
        return [list(column) for column in zip(*rows, strict=True)]

    def largest(self, in_width: int, out_width: int) -> list[int]:
        """Largest number of output channels of each convolution."""
        return [max(widths) for widths in self.widths(in_width, out_width)]

    def used(
        self, in_width: Width, out_width: Width, choices: tf.Tensor
    ) -> list[tuple[Width, tf.Tensor | None]]:
        """Channels to slice for several blocks at once, after each convolution.

        Args:
          in_width: Input channels of the blocks.
          out_width: Output channels of the blocks.
          choices: int32 [n], the op of each block.

        Returns:
          For each convolution the number of channels, which is that of the widest op chosen (of the widest op
          of all, if the widths are static), and a bool mask [n, channels] of those that each op uses, None if
          all do.
        """
        found: list[tuple[Width, tf.Tensor | None]] = []
        for same, widths in zip(self.same, self.widths(in_width, out_width), strict=True):
            if same:
                found.append((widths[0], None))
                continue
            table = tf.stack(widths)
            each = tf.gather(table, choices)
            if all(isinstance(width, int) for width in widths):
                channels: Width = max(widths)
            else:
                # There may be no block.
                channels = tf.reduce_max(tf.concat([each, [tf.reduce_min(table)]], 0))
            found.append((channels, tf.range(channels) < each[:, None]))
        return found

    def chosen(self, in_width: Width, out_width: Width, choice: Width) -> list[Width | None]:
        """Output channels of each convolution in op `choice`; None where all ops have the same."""
        return [
            None if same else tf.gather(tf.stack(widths), choice)
            for same, widths in zip(self.same, self.widths(in_width, out_width), strict=True)
        ]

    def has_gate(self, choice: Width) -> tf.Tensor:
        """Whether op `choice` has squeeze-excite: bool []."""
        return tf.gather(self._gates, choice)

    def used_in_gate(self, width: Width, used: tf.Tensor | None, choices: tf.Tensor) -> tf.Tensor | None:
        """Like the mask `used` of squeeze-excite's channels, and False throughout for ops without it.

        Args:
          width: Number of its channels.
          used: bool [n, width].
          choices: int32 [n], the op of each block.
        """
        if self.any_gate == self.all_gates:
            return used
        has = tf.gather(tf.constant(self._gates), choices)[:, None]
        return has & (tf.ones([1, width], tf.bool) if used is None else used)

    def _everywhere(self, holds: Callable[[list[int]], bool]) -> list[bool]:
        """Whether something holds for the widths after each convolution, at several widths of the block."""
        samples = [self.widths(*sample) for sample in _SAMPLES]
        return [all(holds(sample[n]) for sample in samples) for n in range(len(self.convolutions))]
