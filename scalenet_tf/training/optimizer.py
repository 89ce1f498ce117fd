"""SGD with Nesterov momentum that moves only what a step used."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.rows import Kind, RowSlice


class SlicedSGD:
    """Nesterov SGD on row slices: unused rows and channels keep weights and momentum to the bit.

    Keras's own SGD would make the gradients dense, and move unused rows by momentum and decay. Weight
    decay is added to the gradient, as in PyTorch and so in the reference; Keras decouples it.

    Args:
      variables: The stacked variables, [rows, ...]; make it in their strategy's scope.
      momentum: 0 to 1.
      weight_decay: By kind of weight; absent kinds do not decay.
    """

    def __init__(self, variables: Sequence[keras.Variable], momentum: float, weight_decay: dict[Kind, float]):
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.slots = {
            v.path: tf.Variable(tf.zeros(v.shape, v.dtype), trainable=False, name=f"{v.path}/momentum")
            for v in variables
        }

    def apply(
        self, slices: Sequence[RowSlice], gradients: Sequence[tf.Tensor], learning_rate: tf.Tensor
    ) -> None:
        """Moves `slices` along the gradients of their values; call it in a replica's context."""
        for part, gradient in zip(slices, gradients, strict=True):
            self._apply_one(part, gradient, tf.cast(learning_rate, part.values.dtype))

    def _apply_one(self, part: RowSlice, gradient: tf.Tensor, learning_rate: tf.Tensor) -> None:
        slot = self.slots[part.variable.path]
        extent = tf.shape(part.values)
        old_rows = tf.gather(slot, part.rows)
        old = tf.slice(old_rows, tf.zeros_like(extent), extent)
        decay = self.weight_decay.get(part.kind, 0.0)
        if decay:
            gradient += decay * part.values
        velocity = self.momentum * old + gradient
        moved = part.values - learning_rate * (gradient + self.momentum * velocity)
        if part.used is not None:
            velocity = tf.where(part.used, velocity, old)
            moved = tf.where(part.used, moved, part.values)
        write_back(slot, part.rows, old_rows, velocity, extent)
        write_back(part.variable.value, part.rows, part.gathered, moved, extent)


def write_back(
    variable: tf.Variable, rows: tf.Tensor, old: tf.Tensor, new: tf.Tensor, extent: tf.Tensor
) -> None:
    """Writes the leading part `new` of whole rows back, through the replica's own handle."""
    begin = tf.zeros_like(extent)
    whole = tf.raw_ops.TensorStridedSliceUpdate(
        input=old, begin=begin, end=extent, strides=tf.ones_like(extent), value=new
    )
    tf.raw_ops.ResourceScatterUpdate(resource=variable.handle, indices=rows, updates=whole)
