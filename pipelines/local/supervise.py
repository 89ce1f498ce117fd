"""Runs the pipeline in a process group of its own, which does not outlive this process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

from pipelines.local.group import end_steps, kill_group
from pipelines.local.interpreter import plain_interpreter


def supervise(request: dict[str, Any]) -> int:
    """Runs the pipeline that `request` describes, and passes Ctrl-C and SIGTERM on to its steps.

    Args:
      request: JSON, as `worker.main` takes it.

    Returns:
      0, 1 where a step failed, 2 for a user's mistake, 128 and the signal's number where one ended it.
    """
    with plain_interpreter() as python:
        return _supervise(request, python)


def _supervise(request: dict[str, Any], python: str) -> int:
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            # Not in the handler: it waits for the steps to save.
            threading.Thread(target=end_steps, args=(worker.pid, signal.SIGTERM), daemon=True).start()
        else:
            kill_group(worker.pid)

    worker = subprocess.Popen(
        [python, "-m", "pipelines.local.worker"],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    previous = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # The pipe stays open: when this process dies, however, the worker reads its end and ends its group.
        print(json.dumps(request), file=worker.stdin, flush=True)
        code = worker.wait()
    finally:
        kill_group(worker.pid)
        for number, handler in previous.items():
            signal.signal(number, handler)
    ended_by = received[0] if received else -code
    if ended_by <= 0:
        return code
    name = signal.Signals(ended_by).name
    print(
        f"pipelines: ended by {name}; what was saved is kept, and the same command goes on", file=sys.stderr
    )
    return 128 + ended_by
