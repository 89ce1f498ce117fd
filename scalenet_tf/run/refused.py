"""A new run that is refused, by its images or settings, leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.locks import LOCKS
from scalenet_tf.run.run import holds_work


@contextmanager
def removed_if_refused(path: Path) -> Iterator[None]:
    """Removes the first files of a run that the block creates if it fails before the images have been read.

    A run that was there before, and one whose work has begun, stay as they are.

    Args:
      path: Directory of the run.

    Example:
      >>> with removed_if_refused(path):
      ...     steps.train(Run.open_or_create(path, config))
    """
    run = RunFolder(path)
    begun, existed = run.config_file.is_file(), path.is_dir()
    try:
        yield
    except ScaleNetError:
        if not begun and run.config_file.is_file() and not run.data_file.exists() and not holds_work(path):
            for file in (run.config_file, run.space_file, run.warm_start_file, run.image_check_file):
                file.unlink(missing_ok=True)
            shutil.rmtree(path / LOCKS, ignore_errors=True)
            if not existed:
                with suppress(OSError):  # It holds what is not ours.
                    path.rmdir()
        raise
