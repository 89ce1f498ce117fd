"""The compression of TFRecord files, which their names tell."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.errors import InvalidInputError


def compression(shard: str) -> str:
    """Returns the compression of a shard as TensorFlow calls it."""
    return "GZIP" if shard.endswith(".gz") else ""


def check_compression(shard: str) -> None:
    """Raises ScaleNetError if a shard is compressed and its name does not say so."""
    with tf.io.gfile.GFile(shard, "rb") as file:
        begin = file.read(2)
    compressed = (
        "gzip" if begin == b"\x1f\x8b" else "zlib" if begin in (b"x\x01", b"x\x9c", b"x\xda") else None
    )
    if compressed and not compression(shard):
        raise InvalidInputError(
            f"`data.source`: {shard!r} is compressed ({compressed}), which its name does not say. "
            "Compressed records must be gzip files whose names end in .gz, in folders for tfrecord:PATH; "
            "the files of TFDS must not be compressed. Write the records again in one of these ways."
        )
