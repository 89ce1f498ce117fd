"""Datasets of unknown length end before they fill the disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scalenet_tf.data.given import GivenSplit
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.formatting import memory

# The disk is looked at after so many batches: a small dataset may be stored on one that is almost full.
_BATCHES = 1000
_SHARE_LEFT = 0.02


def within_disk(split: GivenSplit, folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the batches of a split while the disk has room for more, if nobody knows how many there are.

    An endless dataset is refused where it says that it is endless; one of a generator cannot say so.

    Args:
      split: The split.
      folder: Folder that the images are written to.

    Raises:
      ScaleNetError: If less than 2 % of the disk are left.
    """
    for number, batch in enumerate(split.batches, start=1):
        yield batch
        if split.count is None and number % _BATCHES == 0:
            disk = shutil.disk_usage(folder)
            if disk.free < _SHARE_LEFT * disk.total:
                raise InvalidInputError(
                    f"`{split.argument}` has given {number:,} batches, and only {memory(disk.free)} are left "
                    f"on the disk of {str(folder.parent)!r}. Is it endless? End it with .take(batches), or "
                    "give a run on a larger disk."
                )
