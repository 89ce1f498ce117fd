"""The device and the libraries that a time was measured with."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

from scalenet_tf.latency.device import cpu_model

LIBRARIES = ("tensorflow", "keras", "ai-edge-litert", "onnxruntime", "numpy")


def describe_device(threads: int) -> dict[str, Any]:
    """What decides a time besides the model; rows of one profile share it."""
    return {
        "processor": cpu_model(),
        "cpus": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "threads": threads,
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
