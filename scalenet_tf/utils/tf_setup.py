"""TensorFlow without the lines that its C++ side logs at import, which no log level stops."""

from __future__ import annotations

import os
import sys
import tempfile

from scalenet_tf.errors import ScaleNetError


def load_tensorflow() -> None:
    """Imports TensorFlow and lets it look for GPUs, with stderr held back.

    What was held back is shown if that fails, or if TF_CPP_MIN_LOG_LEVEL asks for a log. Devices are
    looked for, not started: a strategy over several workers must come first.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") in ("0", "1"):
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            import tensorflow as tf

            tf.config.list_physical_devices()
        except BaseException:
            log.seek(0)
            os.write(kept, log.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def setup(*, fast: bool) -> None:
    """Makes every operation give the same bits on every run, unless `fast` or where there is a GPU.

    Call it before the first tensor. The cost on CPU stands in docs/results.md. On a GPU deterministic
    kernels cost much more, and some operations have none: there it stays off.
    """
    import tensorflow as tf

    if not fast and not tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


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
