"""Names, sizes and versions of the files of a folder or of an object store, without reading them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from components.common.remote import open_path

# What distinguishes versions of a file, as fsspec names it: checksums of the content first, since a store
# counts a new generation, and a new time, when the same bytes are uploaded again.
_VERSIONS = ("md5Hash", "crc32c", "ETag", "etag", "generation", "mtime", "created", "LastModified")


def list_files(argument: str, location: str) -> list[list[Any]]:
    """Lists the files below a path or URL.

    Args:
      argument: Name of the argument in errors.
      location: Path, whose links are followed as training follows them, or URL.

    Returns:
      Name, size and version of each file, in an order that is equal for equal files; empty if there are none.

    Raises:
      ScaleNetError: If the URL cannot be opened.
    """
    if "://" not in location:
        return _below(location)
    system, root = open_path(argument, location)
    return [
        [path.removeprefix(root), about["size"], version_of(about)]
        for path, about in sorted(system.find(root, detail=True).items())
    ]


def version_of(about: Mapping[str, Any]) -> str:
    """Returns what distinguishes the version of an object from others of its size; "" if nothing does.

    Args:
      about: Properties of the object, as fsspec lists them.
    """
    return next((str(about[name]) for name in _VERSIONS if about.get(name) is not None), "")


def _below(root: str) -> list[list[Any]]:
    """Files below a folder; one that links lead to again is listed once, and then by its first name."""
    found: list[list[Any]] = []
    names: dict[tuple[int, int], str] = {}
    for folder, folders, files in os.walk(root, followlinks=True):
        folders.sort()
        name, status = os.path.relpath(folder, root), os.stat(folder)
        first = names.setdefault((status.st_dev, status.st_ino), name)
        if first != name:
            folders.clear()
            found.append([name, first])
            continue
        found += [[os.path.join(name, file), *_state(os.path.join(folder, file))] for file in sorted(files)]
    return found


def _state(path: str) -> tuple[int, int | str]:
    """Size and time of the file that a path leads to."""
    try:
        status = os.stat(path)
    except OSError as error:  # such as a link to nothing, which training reports
        return 0, error.strerror or type(error).__name__
    return status.st_size, status.st_mtime_ns
