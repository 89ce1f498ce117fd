"""Atomic files: written under a temporary name, synced to disk, then renamed."""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.digest import text_digest
from scalenet_tf.utils.processes import machine_id, process_start

# Errors with which mounted object stores, such as Cloud Storage FUSE, refuse to rename a folder.
_NO_RENAME = {errno.EMFILE, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV}
# Earlier versions wrote `.NAME.PROCESS.tmp`: such files are not listed, and nobody removes them, since they
# do not say which machine they are of.
_TEMPORARY = re.compile(
    r"\.(?P<name>.+)\.((?P<machine>[0-9a-f]{8})-)?(?P<process>\d{1,10})(-[0-9a-f]{8})?\.tmp"
)
_unfinished: set[str] = set()  # temporary names that this process is writing


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
    """Reads a JSON file.

    Raises:
      ValueError: If it is not JSON.
    """
    return parse_json(Path(path).read_text(encoding="utf-8"))


def parse_json(text: str | bytes) -> Any:
    """Parses JSON that may come from anyone.

    Raises:
      ValueError: If it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("values are nested too deeply") from None


def write_file(path: str | Path, fill: Callable[[Path], object]) -> Path:
    """Creates the file `path` by calling `fill(temporary)`, which writes it, and renaming the result.

    Args:
      path: File to create or replace; its folder is created if needed.
      fill: Function that writes the temporary file whose path it receives.

    Returns:
      The path.

    Raises:
      ScaleNetError: If a device, a pipe or a socket has the path, which a rename would remove.
    """
    path = Path(path)
    check_place(path)
    with _temporary(path) as temporary:
        fill(temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    return path


def write_folder(path: str | Path, fill: Callable[[Path], None], *, replace: bool = True) -> Path:
    """Creates the folder `path` by calling `fill(temporary)` and renaming the result.

    An existing folder is replaced only once the new one is complete. On storage that cannot rename folders,
    files are moved in the order in which they were written, so the last one marks the folder as complete.

    Args:
      path: Folder to create or replace.
      fill: Function that writes the content into the temporary folder that it receives.
      replace: Whether a folder that is there by then is replaced.

    Returns:
      The path.

    Raises:
      FileExistsError: If there is one, and it must not be replaced.
    """
    path = Path(path)
    with _temporary(path) as temporary:
        fill(temporary)
        for file in temporary.rglob("*"):
            if file.is_file():
                with open(file, "rb") as handle:
                    os.fsync(handle.fileno())
        if path.exists() and replace:
            shutil.rmtree(path)
        try:
            os.replace(temporary, path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise FileExistsError(error.errno, "the folder is there already", str(path)) from error
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


def check_place(path: Path) -> None:
    """Raises ScaleNetError if a device, a pipe or a socket has a path, which a rename would remove."""
    with suppress(OSError):  # of a path where nothing can be, as its first write says
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            raise InvalidInputError(
                f"{str(path)!r} is a device, a pipe or a socket, not a file that can be written. Choose "
                "another path."
            )


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Yields a temporary name beside `path`, whose folder it creates; on an error, what has it is removed.

    Files of killed processes of this machine are removed first. Those of other machines may still be written.

    Raises:
      OSError: If the file system refuses; the error names `path`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.iterdir():
            match = _TEMPORARY.fullmatch(left.name)
            if match and match["name"] == path.name and _is_left(match):
                _remove(left)
        temporary = temporary_name(path, os.getpid())
        _unfinished.add(temporary.name)
        try:
            yield temporary
        except BaseException:
            _remove(temporary)
            raise
        finally:
            _unfinished.discard(temporary.name)
    except OSError as error:
        own = error.filename is None or _TEMPORARY.search(str(error.filename))
        if own and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def temporary_name(path: Path, process: int) -> Path:
    """Returns a new temporary name of `path`, which tells the machine and the process that writes it."""
    return path.with_name(f".{path.name}.{_machine()}-{process}-{secrets.token_hex(4)}.tmp")


def _is_left(match: re.Match[str]) -> bool:
    """Returns whether a temporary file is of a process that is gone."""
    if match["machine"] != _machine():
        return False
    if int(match["process"]) == os.getpid():
        return match[0] not in _unfinished  # of an earlier process with this number
    return not process_start(int(match["process"]))


@cache
def _machine() -> str:
    return text_digest(machine_id())[:8]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
