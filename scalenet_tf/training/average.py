"""An exponential moving average of the weights, which evaluation uses in their place."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.rows import RowSlice

# The usual warm-up: until an average has seen much more than this, it follows the weights closely.
_WARMUP = 10.0


class WeightAverage:
    """Averages what each step used, and leaves the average of everything else alone, to the bit.

    A row's average forgets by its own clock, the steps that used the row: its decay is
    min(decay, (1 + uses) / (10 + uses)), so that a row of few uses does not keep its first values.

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
        self.uses = {
            v.path: tf.Variable(tf.zeros([v.shape[0]], tf.int64), trainable=False, name=f"{v.path}/uses")
            for v in variables
        }

    def update(self, slices: Sequence[RowSlice]) -> None:
        """Moves the average of `slices` towards what their variables hold now; in a replica's context."""
        for part in slices:
            self._update_one(part)

    def _update_one(self, part: RowSlice) -> None:
        average, uses = self.values[part.variable.path], self.uses[part.variable.path]
        count = tf.gather(uses, part.rows)
        clock = tf.cast(count, part.values.dtype)
        decay = tf.minimum(tf.cast(self.decay, clock.dtype), (1 + clock) / (_WARMUP + clock))
        decay = tf.reshape(decay, [-1] + [1] * (part.values.shape.rank - 1))
        old, beyond = part.read(average)
        new, _ = part.read(part.variable.value)
        moved = old + (1 - decay) * (new - old)
        if part.used is not None:
            moved = tf.where(part.used, moved, old)
        part.write(average, moved, beyond)
        tf.raw_ops.ResourceScatterUpdate(resource=uses.handle, indices=part.rows, updates=count + _uses(part))

    def put_into(self, variables: Sequence[keras.Variable]) -> None:
        """Assigns the averages to the variables themselves: what follows evaluates them."""
        for variable in variables:
            variable.assign(tf.convert_to_tensor(self.values[variable.path]))


def _uses(part: RowSlice) -> tf.Tensor:
    """How often a step used each of its rows: once, or not at all where none of its channels is used."""
    if part.used is None:
        return tf.constant(1, tf.int64)
    return tf.cast(tf.reduce_any(tf.reshape(part.used, [tf.shape(part.used)[0], -1]), 1), tf.int64)
