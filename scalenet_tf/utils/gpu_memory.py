"""Memory of a GPU that several processes share, such as members that train at a time."""

from __future__ import annotations

import os

GROWTH = "TF_FORCE_GPU_ALLOW_GROWTH"


def grow_gpu_memory() -> None:
    """Lets this process and its children take a GPU's memory as they need it, unless the variable is set.

    By default TensorFlow's first process takes nearly all of it, and others find none. TensorFlow reads the
    variable when it first uses the GPU.
    """
    os.environ.setdefault(GROWTH, "true")
