"""Batch norm by given statistics, folded into the convolution before it: two passes over the maps less."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.layers.norm import scale_and_offset
from scalenet_tf.layers.row_slices import Weights


def folded(weights: Weights) -> Weights:
    """Stacked values whose norms with statistics have an `offset` alone; their scale is the kernels'.

    Args:
      weights: By layer; the norm of `expand` is `expand_bn`. Norms without statistics stay as they are.
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
