"""Processes of one group: who they are, and how they are asked to end. Linux, by /proc; else all at once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

PATIENCE = 60.0


def others(leader: int) -> set[int]:
    """Living processes of the group that `leader` leads, without the leader."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in parentheses, may hold spaces: fields are counted from behind it.
            state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(group) == leader and state != "Z":
            found.add(int(entry.name))
    return found - {leader}


def end_steps(leader: int, number: int, patience: float = PATIENCE) -> None:
    """Sends a signal to the group's steps once and waits until they have saved; ends whatever begins then.

    Args:
      leader: Process that runs steps one after another; it is left alone.
      number: Signal, SIGTERM for example.
      patience: Seconds to wait; after them the rest is killed.
    """
    asked = others(leader)
    _send(asked, number)
    end = time.monotonic() + patience
    while time.monotonic() < end and (left := others(leader)):
        # The runner, told that one step failed, may begin another.
        _send(left - asked, signal.SIGKILL)
        time.sleep(0.1)
    _send(others(leader), signal.SIGKILL)


def kill_group(leader: int) -> None:
    """Kills what is left of a group."""
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
