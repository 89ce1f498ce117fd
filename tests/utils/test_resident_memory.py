"""A process's memory is its own, whatever its parent held when it started it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from scalenet_tf.utils.resident_memory import peak_resident_memory

CODE = "from scalenet_tf.utils.resident_memory import peak_resident_memory; print(peak_resident_memory())"


def test_a_child_of_a_large_parent_is_small() -> None:
    held = np.ones(400 * 2**20, np.uint8)
    assert peak_resident_memory() > held.nbytes
    result = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert 2**20 < int(result.stdout) < 100 * 2**20


def test_what_a_process_allocates_is_counted() -> None:
    code = f"import numpy as np; held = np.ones(200 * 2**20, np.uint8); {CODE}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(result.stdout) > 200 * 2**20
