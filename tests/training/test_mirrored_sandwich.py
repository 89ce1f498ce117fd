"""A distilled sandwich under MirroredStrategy."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_replicas_stay_equal_to_the_bit_the_average_too() -> None:
    command = [sys.executable, "-m", "tests.helpers.two_replicas_sandwich"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
