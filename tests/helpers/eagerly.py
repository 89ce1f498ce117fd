"""TensorFlow without graphs, where a test takes a few steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


@contextmanager
def eagerly() -> Iterator[None]:
    """Functions run untraced inside: tracing a super-supernet's step takes longer than many such steps.

    That graphs compute the same is what tests without it show.
    """
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
