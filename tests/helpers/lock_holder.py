"""A process that holds a lock: lock_holder.py FILE. It prints a line once it has it, and ends with stdin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scalenet_tf.utils.lock import Lock


@contextmanager
def held(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Holds a lock in another process while the block runs."""
    command = [sys.executable, __file__, str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.stdin.close()


if __name__ == "__main__":
    with Lock(Path(sys.argv[1]), "working", "process"):
        print("held", flush=True)
        sys.stdin.read()
