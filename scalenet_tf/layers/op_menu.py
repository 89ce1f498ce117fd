"""The ops that a block can run, as data that the choice of an op indexes."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from scalenet_tf.layers.slicing import Width
from scalenet_tf.space import BlockOp, Op
from scalenet_tf.space.rules import hidden_width


class OpMenu:
    """A stage's menu of ops: hidden widths and squeeze-excite of a choice, which may be a tensor.

    Args:
      ops: At least one op; "k5e6s" or `Op` each.

    Attributes:
      ops: The ops, in order.
      kernels: Kernel size of each op.
      same_expansion: Whether all ops have the same expansion.
      expands: Whether the ops have an expansion convolution, which expansion 1 leaves out.
      any_squeeze, all_squeeze: Whether any or all of the ops have squeeze-excite.
    """

    def __init__(self, ops: Sequence[BlockOp | str]):
        self.ops = [Op.model_validate(op) for op in ops]
        self.kernels = [op.kernel for op in self.ops]
        self._expansions = [op.expansion for op in self.ops]
        self._squeezes = [op.squeeze_excite for op in self.ops]
        self.same_expansion = len(set(self._expansions)) == 1
        self.expands = max(self._expansions) > 1
        self.any_squeeze, self.all_squeeze = any(self._squeezes), all(self._squeezes)

    def __len__(self) -> int:
        return len(self.ops)

    def largest_hidden(self, in_width: Width) -> Width:
        """Hidden channels of the op with the largest expansion."""
        return hidden_width(in_width, max(self._expansions))

    def hidden(self, in_width: Width, choice: Width) -> Width:
        """Hidden channels of op `choice`."""
        return hidden_width(in_width, tf.gather(self._expansions, choice))

    def squeezes(self, choice: Width) -> tf.Tensor:
        """Whether op `choice` has squeeze-excite: bool []."""
        return tf.gather(self._squeezes, choice)

    def used_hidden(self, in_width: Width, choices: tf.Tensor) -> tuple[Width, tf.Tensor | None]:
        """Hidden channels to slice for several blocks at once.

        Args:
          in_width: Input channels of the blocks.
          choices: int32 [n], the op of each block.

        Returns:
          The number of channels, which is that of the widest op chosen (of the widest op of all, if
          `in_width` is static), and a bool mask [n, channels] of those that each op uses, None if all do.
        """
        if self.same_expansion:
            return self.largest_hidden(in_width), None
        each: tf.Tensor = hidden_width(in_width, tf.gather(tf.constant(self._expansions), choices))
        hidden = self.largest_hidden(in_width)
        if not isinstance(in_width, int):
            hidden = tf.reduce_max(tf.concat([each, [in_width]], 0))
        return hidden, tf.range(hidden) < each[:, None]

    def used_in_squeeze_excite(
        self, hidden: Width, used: tf.Tensor | None, choices: tf.Tensor
    ) -> tf.Tensor | None:
        """Like the mask of `used_hidden`, and False throughout for ops without squeeze-excite.

        Args:
          hidden: Number of hidden channels.
          used: bool [n, hidden], the mask of `used_hidden`.
          choices: int32 [n], the op of each block.
        """
        if len(set(self._squeezes)) == 1:
            return used
        has = tf.gather(tf.constant(self._squeezes), choices)[:, None]
        return has & (tf.ones([1, hidden], tf.bool) if used is None else used)
