"""Run-to-run determinism of TensorFlow's operations."""

from __future__ import annotations


def setup(*, fast: bool) -> None:
    """Makes every operation give the same bits on every run, unless `fast`.

    Call it before the first tensor. The cost on CPU stands in docs/results.md.
    """
    import tensorflow as tf

    if not fast:
        tf.config.experimental.enable_op_determinism()
