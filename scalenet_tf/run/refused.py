"""A new run that is refused, by its images or settings, leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import BEGINNING, RunFolder
from scalenet_tf.run.locks import LOCKS
from scalenet_tf.run.run import holds_work


@contextmanager
def removed_if_refused(path: Path) -> Iterator[None]:
    """Removes the first files of a run that the block creates if it fails before the run has begun.

    A run that was there before, and one whose work has begun, stay as they are; so do files of others. Images
    that the block has stored go too: the call that is mended gives them again.

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
        if run.config_file not in there and not run.data_file.exists() and not holds_work(path):
            for file in first - there:
                if file.is_dir():
                    shutil.rmtree(file, ignore_errors=True)
                file.unlink(missing_ok=True)
            shutil.rmtree(path / LOCKS, ignore_errors=True)
            if not existed:
                with suppress(OSError):  # It holds what is not ours.
                    path.rmdir()
        raise
