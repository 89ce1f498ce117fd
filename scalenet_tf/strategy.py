"""Which devices a step runs on: one argument, the best default for the devices present."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from scalenet_tf.errors import ScaleNetError, nearest
from scalenet_tf.tpu import make_tpu_strategy

if TYPE_CHECKING:
    import tensorflow as tf

NAMES = ("auto", "one_device", "mirrored", "multi_worker", "tpu")


def make_strategy(name: str = "auto", tpu: str | None = None) -> tf.distribute.Strategy:
    """Makes the tf.distribute strategy of a run.

    Args:
      name: "auto" takes all GPUs of this machine, or its one device; or "one_device", "mirrored", "tpu".
        "multi_worker" is not supported yet, and "auto" is refused where TF_CONFIG names several workers.
      tpu: Name or address of the TPU, with "tpu"; see `make_tpu_strategy`.

    Raises:
      ScaleNetError: for an unknown name, several workers, or a TPU that cannot be reached.
    """
    import tensorflow as tf

    if name not in NAMES:
        raise ScaleNetError(
            f"`strategy` must be one of {list(NAMES)}. Received: {name!r}.{nearest(name, NAMES)}"
        )
    gpus = tf.config.list_logical_devices("GPU")
    if name == "multi_worker" or (name == "auto" and _workers() > 1):
        # They would all write the same checkpoints and log.
        raise ScaleNetError(
            f"`strategy` {name}: training over several workers is not supported yet. Train in one process "
            "with --strategy mirrored, on all GPUs of one machine. "
            f"Received: {_workers()} workers in TF_CONFIG"
        )
    if name == "auto":
        name = "mirrored" if len(gpus) > 1 else "one_device"
    if name == "one_device":
        return tf.distribute.OneDeviceStrategy("/gpu:0" if gpus else "/cpu:0")
    if name == "mirrored":
        return tf.distribute.MirroredStrategy([d.name for d in gpus or tf.config.list_logical_devices("CPU")])
    return make_tpu_strategy(tpu)


def _workers() -> int:
    """How many workers, the chief included, TF_CONFIG names; 0 without it."""
    cluster = json.loads(os.environ.get("TF_CONFIG", "{}")).get("cluster", {})
    return sum(len(cluster.get(job, ())) for job in ("chief", "worker"))
