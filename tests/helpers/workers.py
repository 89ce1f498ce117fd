"""Starting the workers of a training, each in a process of its own, on this machine."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path


def start_workers(
    count: int, *arguments: str | Path, output: Path, own: dict[int, list[str | Path]] | None = None
) -> list[subprocess.Popen[str]]:
    """Starts `python *arguments` on each of `count` workers, the chief first.

    Args:
      output: A folder; worker i prints to output/i.txt.
      own: Further arguments by worker.
    """
    output.mkdir(parents=True, exist_ok=True)
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(count)]
    started = []
    for index in range(count):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        command = [sys.executable, *map(str, [*arguments, *(own or {}).get(index, [])])]
        with open(output / f"{index}.txt", "w") as log:
            environment = os.environ | {"TF_CONFIG": config}
            started.append(
                subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, text=True, env=environment)
            )
    return started


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
