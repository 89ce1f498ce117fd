"""The text that names a data source: `bundled`, `tfds:NAME`, `folder:PATH` or `tfrecord:PATH`."""

from __future__ import annotations

from scalenet_tf.errors import InvalidInputError, nearest

KINDS = ("bundled", "tfds", "folder", "tfrecord")


def parse_source(source: str) -> tuple[str, str]:
    """Splits a `data.source` such as "folder:photos" into its kind and its name or path, "" for bundled.

    Raises:
      ScaleNetError: If it is not bundled, tfds:NAME, folder:PATH or tfrecord:PATH.
    """
    kind, _, location = source.partition(":")
    if kind not in KINDS or bool(location) != (kind != "bundled"):
        raise InvalidInputError(
            "`data.source` must be bundled, tfds:NAME, folder:PATH or tfrecord:PATH. "
            f"Received: {source!r}.{nearest(kind, KINDS)}"
        )
    return kind, location
