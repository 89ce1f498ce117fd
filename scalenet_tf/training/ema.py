"""An exponential moving average of the weights, for evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.row_slices import RowSlice

# The usual warm-up: an average of few uses follows the weights closely.
_WARMUP = 10.0


class WeightAverage:
    """Averages the weights that each step used, and leaves the average of all others as it is, to the bit.

    The decay of a weight is min(decay, (1 + uses) / (10 + uses)), where uses is the number of steps that used
    it, so that a weight of few uses does not keep its initial value. Create it in the scope of the
    variables' strategy.

    Args:
      variables: Stacked variables, [rows, ...].
      decay: Largest weight of the past, 0 to 1.

    Attributes:
      values: The averages, by the variables' paths.
      uses: Number of steps that used each weight, by path of the variable.
    """

    def __init__(self, variables: Sequence[keras.Variable], decay: float):
        self.decay = decay
        self.values = {
            v.path: tf.Variable(tf.convert_to_tensor(v.value), trainable=False, name=f"{v.path}/average")
            for v in variables
        }
        # Of the weights' type, which counts exactly for longer than any decay matters, and on their device.
        self.uses = {
            v.path: tf.Variable(tf.zeros_like(v.value), trainable=False, name=f"{v.path}/uses")
            for v in variables
        }

    def update(self, slices: Sequence[RowSlice]) -> None:
        """Moves the average of some slices towards the variables' values; call it in a replica's context."""
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
        """Assigns the averages to the variables, to evaluate or save them."""
        for variable in variables:
            variable.assign(tf.convert_to_tensor(self.values[variable.path]))
