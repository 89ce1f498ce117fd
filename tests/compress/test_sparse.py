"""Clustering of kernels that are smaller than the number of clusters."""

from __future__ import annotations

import subprocess
import sys


def test_kernels_of_fewer_values_than_clusters_keep_them() -> None:
    command = [sys.executable, "-m", "tests.helpers.cluster_small_kernels"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["12", "2", "1"]
