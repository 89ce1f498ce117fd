"""A distilled sandwich under MirroredStrategy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_replicas_stay_equal_to_the_bit_the_average_too() -> None:
    command = [sys.executable, str(Path(__file__).with_name("two_replicas_sandwich.py"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
