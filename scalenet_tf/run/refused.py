"""A new run that is refused, by its images or settings, leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import BEGINNING, RunFolder
from scalenet_tf.run.locks import LOCKS, TRAIN, step_lock
from scalenet_tf.run.run import holds_work


@contextmanager
def removed_if_refused(path: Path) -> Iterator[None]:
    """Removes the first files of a run that the block creates if it fails before the run has begun.

    A run that was there before, one whose work has begun, and one that another process works on stay as they
    are; so do files of others. Images that the block has stored go too: the call that is mended gives them
    again.

    Args:
      path: Directory of the run.

    Example:
      >>> with removed_if_refused(path):
      ...     steps.train(Run.open_or_create(path, config))
    """
    run = RunFolder(path)
    existed = path.is_dir()
    first = {path / name for name in BEGINNING}
    there = {file for file in first if file.exists()}
    try:
        yield
    except ScaleNetError:
        if run.config_file not in there and path.is_dir():
            _remove(run, first - there)
            if not existed:
                with suppress(OSError):  # It holds what is not ours.
                    path.rmdir()
        raise


def _remove(run: RunFolder, files: set[Path]) -> None:
    """Removes files of a run, and its locks, unless another process has begun it meanwhile."""
    try:
        with step_lock(run.path, TRAIN):
            if run.data_file.exists() or holds_work(run.path):
                return
            for file in files:
                if file.is_dir():
                    shutil.rmtree(file, ignore_errors=True)
                file.unlink(missing_ok=True)
    except ScaleNetError:  # It is working on the run, and the files are its own.
        return
    if not run.config_file.exists():
        shutil.rmtree(run.path / LOCKS, ignore_errors=True)
