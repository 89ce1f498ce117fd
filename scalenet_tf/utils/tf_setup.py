"""Set-up of TensorFlow: a silent import, determinism, threads."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.utils.allocator import set_allocator
from scalenet_tf.utils.gpu_memory import grow_gpu_memory
from scalenet_tf.utils.kernels import choose_kernels
from scalenet_tf.utils.quiet_import import quiet_import


def load_tensorflow() -> None:
    """Prepares the process, then imports TensorFlow and lists its devices without the lines of its C++ side.

    Devices are listed but not initialised, since a strategy over several workers must come first.
    """
    prepare_process()
    _check_setting("backend", _backend(), "tensorflow")
    with quiet_import():
        import tensorflow  # noqa: F401


def setup(*, fast: bool) -> None:
    """Prepares the process, and makes operations deterministic unless `fast` is set or there is a GPU.

    Call it before the first tensor is created, and better before TensorFlow is imported. The cost of
    determinism on CPU is in docs/results/determinism.md. On a GPU, deterministic kernels cost much more and
    some operations have none.

    Args:
      fast: Skip determinism for speed.
    """
    prepare_process()
    check_keras()
    import tensorflow as tf

    if not fast and not tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def prepare_process() -> None:
    """Sets what must be set before TensorFlow is imported: allocator, kernels and memory of GPUs."""
    set_allocator()
    choose_kernels()
    grow_gpu_memory()


def check_keras() -> None:
    """Checks that Keras is set up for TensorFlow, before TensorFlow imports it.

    Raises:
      ScaleNetError: If its backend, its image data format or its floatx is another one.
    """
    _check_setting("backend", _backend(), "tensorflow")
    import keras

    _check_setting("image data format", keras.config.image_data_format(), "channels_last")
    _check_setting("floatx", keras.config.floatx(), "float32", "float64")


def _backend() -> str:
    """Returns the name of Keras' backend; importing Keras fails without the libraries of another one."""
    if (keras := sys.modules.get("keras")) is not None:
        return str(keras.config.backend())
    if named := os.environ.get("KERAS_BACKEND"):
        return named
    file = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "keras.json")
    try:
        return str(json.loads(file.read_text("utf-8"))["backend"])
    except (OSError, ValueError, LookupError, TypeError):
        return "tensorflow"  # Keras' own default, if it finds no such file


def _check_setting(name: str, received: str, *expected: str) -> None:
    if received not in expected:
        raise InvalidInputError(
            f"Keras' {name} must be {expected[0]}. Received: {received}. It is set by a variable KERAS_…, by "
            "keras.config, or in ~/.keras/keras.json: change it there, and start a new process."
        )


@contextmanager
def determinism_restored() -> Iterator[None]:
    """Leaves the determinism of operations as it was, whatever `setup` does in between."""
    from tensorflow.python.framework import config  # TensorFlow exports no way back.

    before = config.is_op_determinism_enabled()
    try:
        yield
    finally:
        if not before:
            config.disable_op_determinism()


@contextmanager
def without_advice() -> Iterator[None]:
    """Hides the advice of TensorFlow's Python side, such as that on several models in one process."""
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def limit_threads(threads: int) -> None:
    """Sets the number of threads of TensorFlow's operations in this process.

    Args:
      threads: Number of threads; 0 for one per core.

    Raises:
      ScaleNetError: If TensorFlow has already started with another number.
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
    """Returns the number of threads per operation that was set; 0 if none was set."""
    import tensorflow as tf

    return int(tf.config.threading.get_intra_op_parallelism_threads())
