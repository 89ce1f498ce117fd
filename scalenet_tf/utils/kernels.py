"""oneDNN's kernels on every x86 processor.

TensorFlow uses them by default only on processors with instructions for neural networks, such as AVX512-VNNI
or AMX. On the others, its own kernels take twice as long to train large networks; docs/results/onednn.md has
the figures.
"""

from __future__ import annotations

import os
import platform
import sys

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


def choose_kernels() -> None:
    """Lets this process and its children use oneDNN, unless TF_ENABLE_ONEDNN_OPTS is set.

    Call it before TensorFlow is imported, which reads the variable then; a late call changes nothing.
    Processors other than x86 keep TensorFlow's default.
    """
    if "tensorflow" not in sys.modules and platform.machine().lower() in ("x86_64", "amd64"):
        os.environ.setdefault(ONEDNN, "1")


def describe_kernels() -> str:
    """Returns TF_ENABLE_ONEDNN_OPTS as it is set for this process, or "default"."""
    return os.environ.get(ONEDNN, "default")
