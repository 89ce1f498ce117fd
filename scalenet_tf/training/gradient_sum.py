"""The sum of a subnet's gradients over replicas, without gradients that are zero by construction."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from scalenet_tf.layers.row_slices import RowSlice


def sum_gradients(
    slices: Sequence[RowSlice], gradients: Sequence[tf.Tensor], static: bool = False
) -> list[tf.Tensor]:
    """Sums gradients over all replicas; call it in a replica's context, outside any loop.

    Slices are as wide as the widest op in use, and kernels as large as the largest. Gradients outside a row's
    own op are zero and left out, so that the sum transfers the bytes of the subnet's parameters.

    Args:
      slices: Row slices that the step used.
      gradients: Gradients of their values, of the same shapes.
      static: Whether all shapes have to be known at tracing time; then everything is summed.

    Returns:
      The sums, of the gradients' shapes.
    """
    masks = [None if static else _inside(part) for part in slices]
    parts = [
        gradient if mask is None else tf.boolean_mask(gradient, mask)
        for gradient, mask in zip(gradients, masks, strict=True)
    ]
    summed = all_reduce(parts)
    return [
        part if mask is None else tf.scatter_nd(tf.where(mask), part, tf.shape(mask, tf.int64))
        for part, mask in zip(summed, masks, strict=True)
    ]


def all_reduce(tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """Sums each tensor over all replicas by the strategy's own reduction."""
    # Floats alone: MirroredStrategy sums integers on the host, and refuses both in one call.
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, list(tensors))


def _inside(part: RowSlice) -> tf.Tensor | None:
    masks = [mask for mask in (part.used, part.kernel_mask) if mask is not None]
    if not masks:
        return None
    inside = masks[0] if len(masks) == 1 else masks[0] & masks[1]
    return tf.broadcast_to(inside, tf.shape(part.values))
