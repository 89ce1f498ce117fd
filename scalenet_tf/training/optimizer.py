"""SGD with Nesterov momentum on row slices, and the learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.layers.row_slices import Kind, RowSlice


class SlicedSGD:
    """Nesterov SGD on row slices: weights and momentum outside the slices stay as they are, to the bit.

    Keras' SGD would make the gradients dense, and change unused rows by momentum and decay. Weight decay is
    added to the gradient, as in PyTorch and the reference; Keras decouples it. Create the optimizer in the
    scope of the variables' strategy.

    Args:
      variables: Stacked variables, [rows, ...].
      momentum: Momentum, 0 to 1.
      weight_decay: Weight decay by kind of weight; kinds that are missing do not decay.

    Attributes:
      slots: Momentum variables, by the variables' paths.
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
        """Updates slices by the gradients of their values; call it in a replica's context."""
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
    """Learning rate that rises linearly from peak / warmup to `peak`, then falls to 0 along a cosine.

    Keras' CosineDecay reaches the peak one step later and computes in float32: a run's weights would change.

    Args:
      step: Step, 0 to steps - 1.
      steps: Total number of steps.
      peak: Largest learning rate.
      warmup: Number of steps of the rise; 0 for none.
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return 0.5 * peak * (1 + math.cos(math.pi * share))
