"""Folds batch norm with given statistics into the convolution before it, to save two passes over the maps."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.layers.norm import scale_and_offset
from scalenet_tf.layers.row_slices import Weights


def folded(weights: Weights) -> Weights:
    """Multiplies the scale of each batch norm into its convolution, which leaves the norm an `offset` alone.

    Args:
      weights: Stacked values by layer; the batch norm of `expand` is `expand_bn`. Batch norms without
        statistics stay as they are.
    """
    result = dict(weights)
    for name, part in weights.items():
        norm = weights.get(f"{name}_bn")
        if norm is not None and "mean" in norm:
            kernel = part["kernel"]
            gamma, beta = tf.unstack(norm["gamma_beta"], 2, axis=1)
            factor, offset = scale_and_offset({**norm, "gamma": gamma, "beta": beta})
            rows = tf.reshape(factor, [-1, *[1] * (len(kernel.shape) - 2), tf.shape(factor)[-1]])
            result[name] = {**part, "kernel": kernel * rows}
            result[f"{name}_bn"] = {"offset": offset, "mean": norm["mean"], "variance": norm["variance"]}
        elif "kernel" not in part and "gamma_beta" not in part and "bias" not in part:
            result[name] = folded(part)
    return result
