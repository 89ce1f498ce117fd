"""As a script: one search by a chief and two workers over 127.0.0.1, some of them killed on the way."""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

from tiny_search import new_run, search

import scalenet_tf.search.tuner

ROLES = ("chief", "tuner0", "tuner1")


def searcher(path: Path, role: str, port: int) -> int:
    """Starts one process of the search."""
    child = os.fork()
    if child == 0:
        os.environ["KERASTUNER_TUNER_ID"] = role
        os.environ["KERASTUNER_ORACLE_IP"] = "127.0.0.1"
        os.environ["KERASTUNER_ORACLE_PORT"] = str(port)
        code = 1
        try:
            search(new_run(path), seconds=0.05)
            code = 0
        finally:
            os._exit(code)
    return child


def main(path: Path, kills: int) -> None:
    """Runs the search; each kill hits one of the three, which is then started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rng = random.Random(0)
    running = {role: searcher(path, role, port) for role in ROLES}
    journal = path / "search" / "trials.jsonl"
    for number in range(kills):
        before = journal.stat().st_size if journal.exists() else 0
        while not journal.exists() or journal.stat().st_size < before + 2000:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.1))
        role = ROLES[number % len(ROLES)]
        os.kill(running[role], signal.SIGKILL)
        os.waitpid(running[role], 0)
        running[role] = searcher(path, role, port)
    codes = {role: os.waitpid(child, 0)[1] for role, child in running.items()}
    if any(codes.values()):
        sys.exit(f"a process failed: {codes}")


if __name__ == "__main__":
    assert scalenet_tf.search.tuner  # imported before the first fork
    main(Path(sys.argv[1]), kills=int(sys.argv[2]))
