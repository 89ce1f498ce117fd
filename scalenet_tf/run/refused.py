"""A new run that is refused, by its images or settings, leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import BEGINNING, RunFolder
from scalenet_tf.run.locks import LOCKS, TRAIN, step_lock
from scalenet_tf.run.work import holds_work


@contextmanager
def removed_if_refused(path: Path) -> Iterator[None]:
    """Removes the first files of a run that the block creates if it fails before the run has begun.

    A run that was there before, one whose work has begun, and one that another process works on stay as they
    are; so do files of others. Images that the block has stored go too, since the call that is mended gives
    them again, and so do the facts of images that it has read.

    Args:
      path: Directory of the run.

    Example:
      >>> with removed_if_refused(path):
      ...     steps.train(Run.open_or_create(path, config))
    """
    run = RunFolder(path)
    existed, held = path.is_dir(), holds_work(path)
    first = [path / name for name in BEGINNING]
    there = {file for file in first if file.exists()}
    try:
        yield
    except ScaleNetError:
        made = [file for file in first if file.exists() and file not in there]
        if not held and run.config_file not in there and (made or (path / LOCKS).is_dir()):
            _remove(run, made)
            if not existed:
                with suppress(OSError):  # It holds what is not ours.
                    path.rmdir()
        raise


def _remove(run: RunFolder, made: list[Path]) -> None:
    """Removes files of a run, and its locks, unless another process has begun it meanwhile."""
    # An error while another process works on the run: the files are its own. One of the system: they stay.
    with suppress(ScaleNetError, OSError), step_lock(run.path, TRAIN):
        # Not asked for data.json: the images are read before the settings are checked against them.
        if holds_work(run.path):
            return
        for file in made:
            if file.is_dir():
                shutil.rmtree(file, ignore_errors=True)
            else:
                file.unlink(missing_ok=True)
        shutil.rmtree(run.path / LOCKS, ignore_errors=True)
