"""Processes of one group: finding them, through /proc or elsewhere `ps`, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 60.0


def others(leader: int) -> set[int]:
    """Returns the living processes of the group that `leader` leads, without the leader itself."""
    found = _in_proc(leader) if Path("/proc/self/stat").exists() else _by_ps(leader)
    return found - {leader}


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


def end_steps(leader: int, number: int, patience: float = PATIENCE) -> None:
    """Sends a signal to the group's steps once, waits until they have saved, and kills later ones.

    Args:
      leader: Id of the process that runs the steps; it is left alone.
      number: Signal, for example SIGTERM.
      patience: Seconds to wait before the rest is killed.
    """
    asked = others(leader)
    _send(asked, number)
    end = time.monotonic() + patience
    while time.monotonic() < end and (left := others(leader)):
        # The runner may start another step when one has failed.
        _send(left - asked, signal.SIGKILL)
        time.sleep(0.1)
    _send(others(leader), signal.SIGKILL)


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
