"""Records in an order that their content decides, since a dataset may be shuffled each time it is read."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from scalenet_tf.data.records import EncodedImage, WrittenSplit, shard_file, write_split
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.formatting import memory

# Bytes of a TFRecord beside its content: the length before it, and a checksum of each.
_FRAME = 8 + 4 + 4


def write_sorted(
    folder: Path, images: Iterable[EncodedImage], shards: int, digests: list[bytes]
) -> WrittenSplit:
    """Writes images to the shards of a split in turn, in the order of their digests.

    The same images are then split and shuffled alike by the same seed, in whatever order they come. Until it
    is done, they take twice the room on the disk.

    Args:
      folder: Folder of the split, such as Split-train.
      images: The images.
      shards: Number of files.
      digests: Receives the SHA-256 of each record, in the order in which the images come.

    Raises:
      ScaleNetError: If the disk has no room for the second copy.
    """
    lengths: list[int] = []

    def note(record: bytes) -> None:
        digests.append(hashlib.sha256(record).digest())
        lengths.append(len(record) + _FRAME)

    incoming = folder.with_name(f"{folder.name}.incoming")
    written = write_split(incoming, images, 1, note, compressed=False)
    begins = np.cumsum([0, *lengths])
    free = shutil.disk_usage(incoming).free
    if begins[-1] > free:
        raise InvalidInputError(
            "the images need room for two copies while they are stored, that is for "
            f"{memory(int(begins[-1]))} more. Received: {memory(free)} free on the disk of "
            f"{str(folder.parent)!r}. Make room, give a run on a larger disk, or pass smaller images: they "
            "are stored as they are."
        )
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        unsorted = stack.enter_context(shard_file(incoming, 0, 1).open("rb"))
        files = [stack.enter_context(shard_file(folder, shard, shards).open("wb")) for shard in range(shards)]
        for place, number in enumerate(sorted(range(len(digests)), key=digests.__getitem__)):
            unsorted.seek(begins[number])
            files[place % shards].write(unsorted.read(lengths[number]))
    shutil.rmtree(incoming)
    return written
