"""The text that names a data source: `bundled`, `tfds:NAME`, `folder:PATH` or `tfrecord:PATH`."""

from __future__ import annotations

import os
from pathlib import Path

from scalenet_tf.errors import InvalidInputError, nearest

KINDS = ("bundled", "tfds", "folder", "tfrecord")


def source_of(data: str | Path) -> str:
    """Returns the data source that a text or path names; the path of an existing folder is `folder:PATH`."""
    if isinstance(data, Path):
        return f"folder:{data}"
    named = data.partition(":")[0] in KINDS
    return data if named or not os.path.isdir(os.path.expanduser(data)) else f"folder:{data}"


def parse_source(source: str) -> tuple[str, str]:
    """Splits a `data.source` such as "folder:photos" into its kind and its name or path, "" for bundled.

    Raises:
      ScaleNetError: If it is not bundled, tfds:NAME, folder:PATH, tfrecord:PATH or the path of a folder.
    """
    kind, _, location = source_of(source).partition(":")
    if kind not in KINDS or bool(location) != (kind != "bundled"):
        absent = (
            "" if ":" in source else f" There is no folder {os.path.abspath(os.path.expanduser(source))!r}."
        )
        raise InvalidInputError(
            "`data.source` must be bundled, tfds:NAME, folder:PATH, tfrecord:PATH or the path of a folder. "
            f"Received: {source!r}.{absent}{nearest(kind, KINDS)}"
        )
    return kind, location
