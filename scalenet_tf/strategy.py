"""Which devices a step runs on: one argument, the best default for the devices present."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from scalenet_tf.errors import ScaleNetError, nearest

if TYPE_CHECKING:
    import tensorflow as tf

NAMES = ("auto", "one_device", "mirrored", "multi_worker", "tpu")


def make_strategy(name: str = "auto", tpu: str | None = None) -> tf.distribute.Strategy:
    """Makes the tf.distribute strategy of a run.

    Args:
      name: "auto" takes TF_CONFIG's cluster where there is one, else all GPUs of this machine, else
        its one device; or "one_device", "mirrored", "multi_worker", "tpu".
      tpu: Name or address of the TPU, with "tpu".

    Returns:
      A strategy; a worker of a cluster joins it here.

    Raises:
      ScaleNetError: for an unknown name, or a TPU that cannot be reached.
    """
    import tensorflow as tf

    if name not in NAMES:
        raise ScaleNetError(
            f"`strategy` must be one of {list(NAMES)}. Received: {name!r}.{nearest(name, NAMES)}"
        )
    gpus = tf.config.list_logical_devices("GPU")
    if name == "auto":
        name = "multi_worker" if "TF_CONFIG" in os.environ else "mirrored" if len(gpus) > 1 else "one_device"
    if name == "one_device":
        return tf.distribute.OneDeviceStrategy("/gpu:0" if gpus else "/cpu:0")
    if name == "mirrored":
        return tf.distribute.MirroredStrategy([d.name for d in gpus or tf.config.list_logical_devices("CPU")])
    if name == "multi_worker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=tpu or "")
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    except (ValueError, OSError, RuntimeError, tf.errors.OpError) as error:
        raise ScaleNetError(
            f"`strategy` tpu: no TPU answers at {tpu!r} ({error}). Give --tpu NAME, or another --strategy."
        ) from error
    return tf.distribute.TPUStrategy(resolver)
