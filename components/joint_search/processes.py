"""A search's chief and workers as processes of one machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run

_POLL = 0.5


def search_apart(run: Run, workers: int) -> None:
    """Searches with one process that keeps the search and `workers` that score for it.

    Raises:
      ScaleNetError: where the chief fails, or no worker is left; what was scored is kept.
    """
    address = f"127.0.0.1:{_free_port()}"
    processes = [_start(run, address, "--chief")]
    try:
        processes += [_start(run, address, "--worker", f"w{number}") for number in range(1, workers + 1)]
        chief, *scoring = processes
        while chief.poll() is None:
            if all(worker.poll() not in (None, 0) for worker in scoring):
                raise ScaleNetError(
                    f"all {workers} workers of the search failed; the lines above say why. What they scored "
                    "is kept, and the same call goes on from there."
                )
            time.sleep(_POLL)
        if chief.returncode:
            raise ScaleNetError(
                f"the search failed with exit code {chief.returncode}; the lines above say why. What was "
                "scored is kept, and the same call goes on from there."
            )
        for worker in scoring:
            worker.wait(timeout=60)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _start(run: Run, address: str, *role: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scalenet_tf.cli", "search", "--run", str(run.path)]
    return subprocess.Popen([*command, *role, "--address", address])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
