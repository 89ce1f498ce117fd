"""As a script: one search by a chief and workers over 127.0.0.1, some of them killed on the way."""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

import scalenet_tf.search.distributed.chief
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.role import CHIEF, Role
from tests.helpers import tiny_search
from tests.helpers.tiny_search import CONFIRMED, new_run, search

WORKERS = ("w0", "w1", "w2")
STRANGER = "stranger"
LEASE_SECONDS = 2.0
CASES = {
    "nobody": [],
    # A worker's trial goes to another one: the killed ones never come back.
    "workers": ["w0", "w1"],
    "chief": [CHIEF, CHIEF],
    # While the finalists are trained.
    "late": [CHIEF, "w0"],
}


def searcher(path: Path, role: str, port: int) -> int:
    """Starts one process of the search; one named `STRANGER` comes with another super-supernet."""
    child = os.fork()
    if child == 0:
        Role(role, "127.0.0.1", port).enter()
        # The secret of the run, but for the stranger, whose run is another one.
        os.environ["SCALENET_SEARCH_SECRET"] = "a secret that all of them know"
        code = 1
        try:
            if role == STRANGER:
                tiny_search.SUPERNET = "f" * 16
            search(new_run(path, config=CONFIRMED), seconds=0.05, lease_seconds=LEASE_SECONDS)
            code = 0
        except ScaleNetError as error:
            print(f"{role}: {error}", flush=True)
            code = 2
        finally:
            os._exit(code)
    return child


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def main(path: Path, victims: list[str], late: bool) -> None:
    """Runs the search. Each victim is killed in its turn; a chief is started again, a worker is not."""
    path.parent.mkdir()
    new_run(path, config=CONFIRMED)  # Only one process may create a run.
    port = free_port()
    rng = random.Random(0)
    (path.parent / "strange").mkdir()
    running = {role: searcher(path, role, port) for role in (CHIEF, *WORKERS)}
    strange = searcher(path.parent / "strange" / "run", STRANGER, port)
    journal = path / "search" / "trials.jsonl"
    for role in victims:
        while late and not (journal.exists() and b"confirm_epochs" in journal.read_bytes()):
            time.sleep(0.01)
        before = journal.stat().st_size if journal.exists() else 0
        while not late and (not journal.exists() or journal.stat().st_size < before + 2000):
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.1))
        os.kill(running[role], signal.SIGKILL)
        os.waitpid(running.pop(role), 0)
        if role == CHIEF:
            running[role] = searcher(path, role, port)
    codes = {role: os.waitpid(child, 0)[1] for role, child in running.items()}
    stranger = os.waitpid(strange, 0)[1]
    if any(codes.values()) or os.waitstatus_to_exitcode(stranger) != 2:
        sys.exit(f"a process failed: {codes}, or the stranger was let in: {stranger}")


if __name__ == "__main__":
    assert scalenet_tf.search.distributed.chief  # imported before the first fork, once for all cases
    for name, victims in CASES.items():
        main(Path(sys.argv[1]) / name / "run", victims, late=name == "late")
