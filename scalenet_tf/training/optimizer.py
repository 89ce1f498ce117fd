"""SGD with Nesterov momentum that moves only what a step used."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.row_slices import Kind, RowSlice


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
            dtype = part.values.dtype
            self._apply_one(part, gradient, tf.cast(learning_rate, dtype), tf.constant(self.momentum, dtype))

    def _apply_one(
        self, part: RowSlice, gradient: tf.Tensor, learning_rate: tf.Tensor, momentum: tf.Tensor
    ) -> None:
        slot = self.slots[part.variable.path]
        old, remainder = part.read(slot)
        decay = self.weight_decay.get(part.kind, 0.0)
        if decay:
            gradient += decay * part.values
        velocity = momentum * old + gradient
        moved = part.values - learning_rate * (gradient + momentum * velocity)
        if part.used is not None:
            velocity = tf.where(part.used, velocity, old)
            moved = tf.where(part.used, moved, part.values)
        part.write(slot, velocity, remainder)
        part.write(part.variable.value, moved, part.remainder)


def cosine_with_warmup(step: int, steps: int, peak: float, warmup: int) -> float:
    """Rises linearly from peak / warmup to `peak`, then falls to 0 by a cosine.

    Keras' CosineDecay reaches the peak one step later and computes in float32: a run's weights would change.

    Args:
      step: 0 to steps - 1.
      steps: All steps.
      peak: The largest learning rate.
      warmup: Steps of the rise; 0 for none.
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return 0.5 * peak * (1 + math.cos(math.pi * share))
