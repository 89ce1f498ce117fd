"""`scalenet`, killed at a change of a run: `python -m tests.faults.killed RUN NUMBER WORDS...`.

It is killed at change NUMBER; if that is 0, it ends with the number of changes on stderr.
A change is a file that is opened for writing, renamed or removed, or a folder that is made or removed.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from tests.faults.refusing_system import changed_path


def main() -> None:
    run, number, changes = sys.argv[1], int(sys.argv[2]), 0
    sys.argv = ["scalenet", *sys.argv[3:]]

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal changes
        path = changed_path(event, arguments)
        if path is not None and path.startswith(run):
            changes += 1
            if changes == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    from scalenet_tf.cli.main import main as scalenet

    try:
        scalenet()
    finally:
        os.write(2, f"\n{changes}".encode())


if __name__ == "__main__":
    main()
