"""Runs the pipeline in its own process group, which never outlives this process."""

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
from scalenet_tf.utils.signals import signal_name


def supervise(request: dict[str, Any]) -> int:
    """Runs the pipeline that `request` describes, and passes Ctrl-C and SIGTERM on to its steps.

    Args:
      request: JSON value with the target and the arguments, as `worker.main` reads it.

    Returns:
      Exit code: 0, 1 if a step failed, 2 for a user error, 128 plus the number of a signal that ended it.
    """
    with plain_interpreter() as python:
        return _supervise(request, python)


def _supervise(request: dict[str, Any], python: str) -> int:
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            # Not in the handler, because it waits for the steps to save.
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
        # The pipe stays open: when this process dies in any way, the worker reads its end and ends the group.
        print(json.dumps(request), file=worker.stdin, flush=True)
        code = worker.wait()
    finally:
        kill_group(worker.pid)
        for number, handler in previous.items():
            signal.signal(number, handler)
    ended_by = received[0] if received else -code
    if ended_by <= 0:
        return code
    name = signal_name(ended_by)
    print(
        f"pipelines: ended by {name}; saved results are kept, and the same command continues", file=sys.stderr
    )
    return 128 + ended_by
