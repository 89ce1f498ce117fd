"""Division of cores and GPUs among parallel processes."""

from __future__ import annotations

import os
from collections.abc import Sequence


def share(slot: int, jobs: int, cores: int, gpus: Sequence[str]) -> dict[str, str]:
    """Returns the environment variables that give one of several processes its cores and GPUs.

    Args:
      slot: Index of the process, 0 to jobs - 1.
      jobs: Number of processes at a time.
      cores: Number of CPU cores of the machine.
      gpus: Names of the GPUs as in CUDA_VISIBLE_DEVICES; with fewer GPUs than processes, some share one.
    """
    environment = {"TF_NUM_INTRAOP_THREADS": str(max(1, cores // jobs))}
    if gpus:
        own = gpus[slot::jobs] if len(gpus) >= jobs else [gpus[slot % len(gpus)]]
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(own)
    return environment


def gpu_names() -> list[str]:
    """Returns the names of this process' GPUs, as in CUDA_VISIBLE_DEVICES."""
    import tensorflow as tf

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = len(tf.config.list_physical_devices("GPU"))
    return visible.split(",")[:count] if visible else [str(index) for index in range(count)]
