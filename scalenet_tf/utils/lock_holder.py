"""`Holder`: the process that a lock file names."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from scalenet_tf.utils.processes import machine_id, process_start


@dataclass(frozen=True)
class Holder:
    """The process that holds a lock.

    Attributes:
      host: Name of the machine.
      process: Number of the process.
      since: Time at which it took the lock: ISO 8601, in UTC.
      machine: Text of `machine_id`, which tells machines of one name apart.
      start: Text of `process_start`, which tells processes of one number apart.
      token: Random text of this lock.
      beat: Grows while the process is alive.
    """

    host: str
    process: int
    since: str
    machine: str
    start: str
    token: str
    beat: int = 0

    @classmethod
    def this_process(cls) -> Self:
        """Describes this process, as it takes a lock now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        number, token = os.getpid(), secrets.token_hex(8)
        return cls(socket.gethostname(), number, now, machine_id(), process_start(number), token)

    @property
    def lives(self) -> bool:
        """Whether a process of this machine is alive."""
        return process_start(self.process) == self.start != ""

    @property
    def is_this_process(self) -> bool:
        """Whether it is this process itself."""
        return self.process == os.getpid() and self.lives

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}, since {self.since}"


def read_holder(path: Path) -> Holder | None:
    """Reads the file anew, as shared storage needs it; None if it is empty or cut."""
    try:
        # Who reads a pipe waits for ever.
        return Holder(**json.loads(path.read_text("utf-8"))) if path.is_file() else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None
