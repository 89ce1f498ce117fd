"""The precision of layers, which a network states, whatever Keras' policy for the whole process is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from scalenet_tf.utils.tf_setup import check_keras


def policy_of(precision: str = "float32") -> str:
    """Returns the name of a Keras dtype policy for a precision of the configuration.

    Args:
      precision: "mixed_bfloat16", "mixed_float16", or "float32". The last, in which networks are searched,
        evaluated and exported, is Keras' `floatx`.
    """
    return str(keras.config.floatx()) if precision == "float32" else precision


@contextmanager
def layers_in(precision: str) -> Iterator[None]:
    """Gives the Keras layers that are made inside a dtype policy, and restores the policy of the process.

    Args:
      precision: See `policy_of`.

    Raises:
      ScaleNetError: If Keras is not set up for TensorFlow.
    """
    check_keras()
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy_of(precision))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
