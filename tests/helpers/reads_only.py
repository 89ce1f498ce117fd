"""Runs `scalenet` as a worker that must write nothing: reads_only.py RUN WORDS…

Every other worker than the chief fails at the first file or folder that it makes, renames or removes
below RUN, and at the first checkpoint, which TensorFlow writes out of Python's sight.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from scalenet_tf.cli.main import main

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"}


def watch(folder: str) -> None:
    """Makes what this process writes below `folder` an error that nothing catches."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in CHANGES or (event == "open" and (arguments[2] or 0) & WRITING)
        if changes and str(arguments[0]).startswith(folder):
            print(f"a worker that is not the chief: {event} {arguments[0]}", flush=True)
            os._exit(99)

    sys.addaudithook(refuse)
    import tensorflow as tf

    def save(manager: Any, *unused: Any, **named: Any) -> None:
        print(f"a worker that is not the chief saves in {manager.directory}", flush=True)
        os._exit(99)

    tf.train.CheckpointManager.save = save


if __name__ == "__main__":
    run, *words = sys.argv[1:]
    if json.loads(os.environ["TF_CONFIG"])["task"]["index"]:
        watch(run)
    sys.argv = ["scalenet", *words]
    main()
