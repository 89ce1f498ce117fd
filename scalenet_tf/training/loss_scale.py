"""Dynamic loss scaling for float16 training, so that small gradients do not underflow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

INITIAL = 2.0**15
LARGEST = 2.0**24


class LossScale:
    """A dynamic loss scale: halved by a step whose gradient is not finite, doubled after many finite ones.

    A step whose gradient is not finite changes no weights and is counted. At scale 1 the scale cannot be
    halved any more; the norm is then reported as it is, which counts as divergence. Create it in the
    strategy's scope; all replicas must see the same gradients.

    Args:
      growth_steps: Number of successive finite steps that double the scale.
      initial: Initial scale, at least 1.

    Attributes:
      variables: State to save, by name.

    Example:
      >>> scale = LossScale()
      >>> gradients = scale.unscale(tape.gradient(scale.scale(loss), values))
      >>> norm = scale.guard(tf.linalg.global_norm(gradients), lambda: optimizer.apply(…))
    """

    def __init__(self, growth_steps: int = 2000, initial: float = INITIAL):
        self._growth_steps = growth_steps
        self._scale = tf.Variable(initial, trainable=False, dtype=tf.float32, name="loss_scale")
        self._finite_steps = tf.Variable(0, trainable=False, dtype=tf.int64, name="finite_steps")
        self._skipped_steps = tf.Variable(0, trainable=False, dtype=tf.int64, name="skipped_steps")
        self.variables = {
            "scale": self._scale,
            "finite_steps": self._finite_steps,
            "skipped_steps": self._skipped_steps,
        }

    def scale(self, loss: tf.Tensor) -> tf.Tensor:
        """The loss to differentiate."""
        return loss * tf.cast(self._scale.read_value(), loss.dtype)

    def unscale(self, gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """The gradients of the loss itself."""
        inverse = 1 / self._scale.read_value()
        return [gradient * tf.cast(inverse, gradient.dtype) for gradient in gradients]

    def guard(self, norm: tf.Tensor, apply: Callable[[], None]) -> tf.Tensor:
        """Applies the gradients if their norm is finite, and updates the scale.

        Args:
          norm: Global norm of the gradients, [].
          apply: Applies the gradients.

        Returns:
          The norm of the gradients applied; 0 for a skipped step.
        """
        finite = tf.math.is_finite(norm)

        def applied() -> tf.Tensor:
            apply()
            return tf.identity(norm)

        before, steps = self._scale.read_value(), self._finite_steps.read_value() + 1
        reported = tf.cond(finite, applied, lambda: tf.where(before > 1, tf.zeros_like(norm), norm))
        full = steps >= self._growth_steps
        grown = tf.where(full, tf.minimum(before * 2, LARGEST), before)
        self._set(self._scale, tf.where(finite, grown, tf.maximum(before / 2, 1)))
        self._set(self._finite_steps, tf.where(finite & ~full, steps, 0))
        self._set(self._skipped_steps, self._skipped_steps.read_value() + tf.cast(~finite, tf.int64))
        return reported

    @staticmethod
    def _set(variable: tf.Variable, value: tf.Tensor) -> None:
        # Through the replica's own handle: each computes the same, and there is nothing to merge.
        tf.raw_ops.AssignVariableOp(resource=variable.handle, value=value)

    def row(self) -> dict[str, float | int]:
        """Scale and number of skipped steps, for the log."""
        return {"loss_scale": float(self._scale), "skipped_steps": int(self._skipped_steps)}


def make_loss_scale(precision: str) -> LossScale | None:
    """Returns a loss scale for float16, whose range is small, and None for other precisions."""
    return LossScale() if precision == "mixed_float16" else None
