"""The locks of a run: one process at a time does a job step, or works on one member."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scalenet_tf.utils.lock import Lock

LOCKS = ".locks"
TRAIN = "train"  # Also held while a run is created.
# Locks that a thread holds, with the number of blocks inside each other that hold them.
_held: dict[tuple[str, int], int] = {}


@contextmanager
def step_lock(run: Path, work: str) -> Iterator[None]:
    """Keeps other processes from the same work on a run while the block runs.

    A block inside another one of the same thread holds the same lock.

    Args:
      run: Directory of the run.
      work: Name of the work: a job step such as "train", or a member such as "s0".

    Raises:
      ScaleNetError: If another process, on any machine, does this work; the text names it.

    Example:
      >>> with step_lock(run.path, "train"):
      ...     train_supernet(run)
    """
    file = run / LOCKS / work
    key = (os.path.realpath(file), threading.get_ident())
    if key in _held:
        _held[key] += 1
        try:
            yield
        finally:
            _held[key] -= 1
        return
    with Lock(file, f"working on {work!r} of the run {str(run)!r}", "process"):
        _held[key] = 1
        try:
            yield
        finally:
            del _held[key]


def member_lock(stage: int) -> str:
    """Returns the name of the work on one member: its training and its exports, which share metrics.json."""
    return f"s{stage}"
