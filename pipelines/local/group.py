"""Processes of one group: finding them, through /proc or elsewhere `ps`, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE, GRACE = 60.0, 5.0


def others(leader: int) -> set[int]:
    """Returns the living processes of the group that `leader` leads, without the leader itself."""
    return _living(leader) - {leader}


def _living(leader: int) -> set[int]:
    return _in_proc(leader) if Path("/proc/self/stat").exists() else _by_ps(leader)


def _by_ps(group: int) -> set[int]:
    """Returns the living processes of a group, as macOS tells them."""
    command = ["ps", "-A", "-o", "pid=,pgid=,stat="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(row[0]) for row in rows if len(row) >= 3 and int(row[1]) == group and row[2][0] != "Z"}


def _in_proc(leader: int) -> set[int]:
    """Returns the living processes of a group, as Linux tells them."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may contain spaces, so fields are read after it.
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == leader and state != "Z":
            found.add(int(entry.name))
    return found


def end_steps(leader: int, number: int, patience: float = PATIENCE, grace: float = GRACE) -> None:
    """Sends a signal to the group's steps once, waits until they have saved, and ends the whole group.

    Args:
      leader: Id of the process that runs the steps. It may end by itself when they have ended, and is killed
        otherwise: KFP's runner would begin a retry, or the next step of its queue, some time later.
      number: Signal, for example SIGTERM.
      patience: Seconds to wait before steps that do not end are killed.
      grace: Seconds that the leader has to end after its steps.
    """
    asked = others(leader)
    _send(asked, number)
    _keep_others_out(leader, asked, patience, lambda living: bool(living & asked))
    _keep_others_out(leader, set(), grace, lambda living: leader in living)
    if _living(leader):
        kill_group(leader)


def _keep_others_out(
    leader: int, asked: set[int], seconds: float, goes_on: Callable[[set[int]], bool]
) -> None:
    """While a condition holds, kills all of a group but the leader and those that were asked to end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        living = _living(leader)
        _send(living - asked - {leader}, signal.SIGKILL)
        if not goes_on(living):
            return
        time.sleep(0.1)


def kill_group(leader: int) -> None:
    """Kills the remaining processes of a group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _send(processes: set[int], number: int) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass
