"""An exponential moving average of the weights, which evaluation uses in their place."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.row_slices import RowSlice

# The usual warm-up: until an average has seen much more than this, it follows the weights closely.
_WARMUP = 10.0


class WeightAverage:
    """Averages what each step used, and leaves the average of everything else alone, to the bit.

    A weight's average forgets by its own clock, the steps that used the weight: its decay is
    min(decay, (1 + uses) / (10 + uses)), so that a weight of few uses does not keep its first value.

    Args:
      variables: The stacked variables, [rows, ...]; make it in their strategy's scope.
      decay: 0 to 1, the weight of the past at most.
    """

    def __init__(self, variables: Sequence[keras.Variable], decay: float):
        self.decay = decay
        self.values = {
            v.path: tf.Variable(tf.convert_to_tensor(v.value), trainable=False, name=f"{v.path}/average")
            for v in variables
        }
        # In the weights' own type: exact far beyond any decay's reach, and kept on their device.
        self.uses = {
            v.path: tf.Variable(tf.zeros_like(v.value), trainable=False, name=f"{v.path}/uses")
            for v in variables
        }

    def update(self, slices: Sequence[RowSlice]) -> None:
        """Moves the average of `slices` towards what their variables hold now; in a replica's context."""
        for part in slices:
            self._update_one(part)

    def _update_one(self, part: RowSlice) -> None:
        average, uses = self.values[part.variable.path], self.uses[part.variable.path]
        count, count_remainder = part.read(uses)
        decay = tf.minimum(tf.cast(self.decay, count.dtype), (1 + count) / (_WARMUP + count))
        old, remainder = part.read(average)
        new, _ = part.read(part.variable.value)
        moved, counted = old + (1 - decay) * (new - old), count + 1
        if part.used is not None:
            moved, counted = tf.where(part.used, moved, old), tf.where(part.used, counted, count)
        part.write(average, moved, remainder)
        part.write(uses, counted, count_remainder)

    def put_into(self, variables: Sequence[keras.Variable]) -> None:
        """Assigns the averages to the variables themselves: what follows evaluates them."""
        for variable in variables:
            variable.assign(tf.convert_to_tensor(self.values[variable.path]))
