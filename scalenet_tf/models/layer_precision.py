"""The precision of layers, which a network states, whatever Keras' policy for the whole process is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from scalenet_tf.utils.tf_setup import check_keras


def full_precision() -> str:
    """Returns the dtype policy of networks that are searched, evaluated and exported: Keras' `floatx`."""
    return str(keras.config.floatx())


@contextmanager
def layers_in(policy: str) -> Iterator[None]:
    """Gives the Keras layers that are made inside a dtype policy, and restores the policy of the process.

    Args:
      policy: Name of a Keras dtype policy, such as "mixed_bfloat16"; "float32" is `full_precision`.

    Raises:
      ScaleNetError: If Keras is not set up for TensorFlow.
    """
    check_keras()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(full_precision() if policy == "float32" else policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
