"""Computing in whole float32, where answers are compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def whole_float32() -> Iterator[None]:
    """Turns off TensorFloat-32, with which NVIDIA's GPUs from Ampere on round factors to 10 bits.

    Two ways to compute the same network round differently then, by more than float32 does: folded and
    unfolded kernels, other batches, another machine.
    """
    import tensorflow as tf

    config = tf.config.experimental
    before = config.tensor_float_32_execution_enabled()
    config.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        config.enable_tensor_float_32_execution(before)
