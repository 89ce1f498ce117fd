"""Shares of cores and GPUs for processes that work side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence


def share(slot: int, jobs: int, cores: int, gpus: Sequence[str]) -> dict[str, str]:
    """The environment that gives one of several processes its cores and GPUs.

    Args:
      slot: Which of them, 0 to jobs - 1.
      jobs: How many run at a time.
      cores: Of the machine.
      gpus: Names as CUDA_VISIBLE_DEVICES has them; where there are fewer than jobs, some share one.
    """
    environment = {"TF_NUM_INTRAOP_THREADS": str(max(1, cores // jobs))}
    if gpus:
        own = gpus[slot::jobs] if len(gpus) >= jobs else [gpus[slot % len(gpus)]]
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(own)
    return environment


def gpu_names() -> list[str]:
    """The GPUs of this process, as CUDA_VISIBLE_DEVICES has them."""
    import tensorflow as tf

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = len(tf.config.list_physical_devices("GPU"))
    return visible.split(",")[:count] if visible else [str(index) for index in range(count)]
