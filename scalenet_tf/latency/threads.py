"""Threads of TensorFlow's operations in this process."""

from __future__ import annotations

from scalenet_tf.errors import ScaleNetError


def limit_threads(threads: int) -> None:
    """Sets the threads of TensorFlow's operations in this process; 0 for as many as there are cores.

    Raises:
      ScaleNetError: where TensorFlow has begun with another number.
    """
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError as error:
        raise ScaleNetError(
            f"`threads` must be set before TensorFlow begins its work. Received: {threads}. "
            "Start a new process."
        ) from error


def threads_in_use() -> int:
    """Threads of an operation, as TensorFlow in this process was told; 0 where it was told nothing."""
    import tensorflow as tf

    return int(tf.config.threading.get_intra_op_parallelism_threads())
