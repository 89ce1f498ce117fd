"""Run-to-run determinism of TensorFlow's operations."""

from __future__ import annotations


def setup(*, fast: bool) -> None:
    """Makes every operation give the same bits on every run, unless `fast` or where there is a GPU.

    Call it before the first tensor. The cost on CPU stands in docs/results.md. On a GPU deterministic
    kernels cost much more, and some operations have none: there it stays off.
    """
    import tensorflow as tf

    if not fast and not tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()
