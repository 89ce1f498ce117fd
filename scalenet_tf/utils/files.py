"""Atomic files: written under a temporary name, synced to disk, then renamed."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Errors with which mounted object stores, such as Cloud Storage FUSE, refuse to rename a folder.
_NO_RENAME = {errno.EMFILE, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV}
_TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<process>\d{1,9})\.tmp")


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Writes `data` to `path` atomically, creating its folder if needed."""
    return write_file(path, lambda temporary: temporary.write_bytes(data))


def write_text(path: str | Path, text: str) -> Path:
    """Writes `text` as UTF-8, atomically."""
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> Path:
    """Writes `value` as indented JSON with a final newline, atomically; NaN is refused."""
    return write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Reads a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_file(path: str | Path, fill: Callable[[Path], object]) -> Path:
    """Creates the file `path` by calling `fill(temporary)`, which writes it, and renaming the result.

    Args:
      path: File to create or replace; its folder is created if needed.
      fill: Function that writes the temporary file whose path it receives.

    Returns:
      The path.
    """
    path = Path(path)
    temporary = _temporary(path)
    try:
        fill(temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    os.replace(temporary, path)
    _sync_folder(path.parent)
    return path


def write_folder(path: str | Path, fill: Callable[[Path], None]) -> Path:
    """Creates the folder `path` by calling `fill(temporary)` and renaming the result.

    An existing folder is replaced only once the new one is complete. On storage that cannot rename folders,
    files are moved in the order in which they were written, so the last one marks the folder as complete.

    Args:
      path: Folder to create or replace.
      fill: Function that writes the content into the temporary folder that it receives.

    Returns:
      The path.
    """
    path = Path(path)
    temporary = _temporary(path)
    try:
        fill(temporary)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    for file in temporary.rglob("*"):
        if file.is_file():
            with open(file, "rb") as handle:
                os.fsync(handle.fileno())
    if path.exists():
        shutil.rmtree(path)
    try:
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        _move_files(temporary, path)
    _sync_folder(path.parent)
    return path


def copy_file(source: str | Path, path: str | Path) -> Path:
    """Copies a file atomically, creating the folder of `path` if needed."""
    return write_file(path, lambda temporary: shutil.copyfile(source, temporary))


def _move_files(source: Path, path: Path) -> None:
    path.mkdir()
    for folder in (found for found in sorted(source.rglob("*")) if found.is_dir()):
        (path / folder.relative_to(source)).mkdir()
    written = [found for found in source.rglob("*") if found.is_file()]
    for file in sorted(written, key=lambda file: file.stat().st_mtime_ns):
        os.replace(file, path / file.relative_to(source))
    shutil.rmtree(source)


def entries(folder: Path) -> Iterator[Path]:
    """Yields the entries of a folder, without temporary files that killed processes left."""
    return (path for path in folder.iterdir() if not _TEMPORARY.fullmatch(path.name))


def _temporary(path: Path) -> Path:
    """Returns the temporary name of `path`; makes its folder, and removes such files of killed processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.iterdir():
        match = _TEMPORARY.fullmatch(left.name)
        if match and match["name"] == path.name and not _other_lives(int(match["process"])):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def _other_lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
