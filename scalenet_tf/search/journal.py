"""`Journal`: an append-only file of JSON rows that survives a kill at any moment."""

from __future__ import annotations

import errno
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NotRequired, TypedDict, final

from pydantic_core import from_json

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.trial_values import TrialValue
from scalenet_tf.utils.lock import Lock


@final
class StartedRow(TypedDict):
    """Row of a trial that begins: its number, multiply-adds and hyperparameter values."""

    trial: int
    macs: int
    values: dict[str, TrialValue]


@final
class ResultRow(TypedDict):
    """Row of a trial's result: its number and score; for a failed one None, and what was wrong."""

    trial: int
    score: float | None
    message: NotRequired[str]


Row = StartedRow | ResultRow
_SYNC_SECONDS = 10.0


class Journal:
    """JSON rows, each appended by one unbuffered write: a kill leaves whole rows and at most one torn tail.

    The tail is dropped before the next row is written. Rows are synced to disk every few seconds instead of
    one by one, so a power cut costs the last seconds of work. On a mounted bucket, which gets the file with
    the sync, a kill costs as much. One process writes; any number may read.

    Args:
      path: Path of the file. It is created by `open`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._size = 0  # Bytes that `read` has seen, and those written since.
        self._whole = 0  # Bytes that belong to rows to keep.
        self._file: BinaryIO | None = None
        self._synced = time.monotonic()
        own = self.path.with_name(f".{self.path.name}.lock")
        self._lock = Lock(own, f"writing to {str(self.path)!r}", "search")

    def read(self) -> list[Row]:
        """Returns the whole rows; none if there is no file.

        Raises:
          ScaleNetError: If it is no file, or a line is not JSON. The text names the file and the line.
        """
        if self.path.exists() and not self.path.is_file():  # Reading a pipe would wait for ever.
            raise DamagedFileError(f"{str(self.path)!r} is not a file. Put the search's journal back.")
        data = self.path.read_bytes() if self.path.exists() else b""
        self._size, self._whole = len(data), data.rfind(b"\n") + 1
        rows = []
        for number, line in enumerate(data[: self._whole].splitlines(), start=1):
            try:
                # Pydantic's parser takes half the time of Python's, and shares equal strings.
                row = from_json(line, allow_inf_nan=False, cache_strings="all")
            except ValueError as error:
                raise self.damaged(number, f"is not a row of JSON ({error})") from error
            if not _is_row(row):
                raise self.damaged(number, "is no row of a trial")
            rows.append(row)
        return rows

    def damaged(self, line: int, problem: str) -> DamagedFileError:
        """Returns the error for a line that no search wrote.

        Args:
          line: Number of the line, from 1.
          problem: End of a sentence about the line.
        """
        return DamagedFileError(
            f"line {line} of {str(self.path)!r} {problem}. The file was changed from outside: delete that "
            "line and all after it to continue from there."
        )

    def hold(self) -> None:
        """Keeps other processes from writing until `close`, if there is a file; changes nothing.

        Raises:
          ScaleNetError: If another process writes to it.
        """
        if self.path.exists():
            self._size = self._whole = self.path.stat().st_size
            self.open()

    def keep(self, rows: int) -> None:
        """Makes `open` drop all rows that were read but the first ones.

        Args:
          rows: Number of rows to keep.
        """
        lines = self.path.read_bytes()[: self._whole].splitlines(keepends=True)
        self._whole = sum(map(len, lines[:rows]))

    def open(self) -> None:
        """Opens the file for `append`, until `close` or the end of the process.

        Raises:
          ScaleNetError: If another process writes to it, or has done so since `read`.
        """
        self._lock.acquire()
        try:
            file = open(self.path, "ab", buffering=0)  # noqa: SIM115 (it stays open)
            if os.fstat(file.fileno()).st_size != self._size:
                file.close()
                raise self._lock.refusal(None)  # It has written and gone.
            file.truncate(self._whole)
        except BaseException:
            self._lock.release()
            raise
        self._size = self._whole
        self._file = file

    def append(self, row: Row) -> None:
        """Appends one row. It is whole, or absent, when this returns or the process dies.

        Raises:
          ScaleNetError: If it cannot be written, such as on a full disk. The rows before it stay whole.
        """
        if self._file is None:
            self.open()
        assert self._file is not None  # noqa: S101
        line = json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n"
        try:
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if time.monotonic() - self._synced > _SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(self._size)
            raise ScaleNetError(
                f"{str(self.path)!r} could not be written ({error.strerror}): free some disk space or repair "
                "its storage, then start again: the search continues from its last complete row"
            ) from error
        self._size += len(line)

    def close(self) -> None:
        """Closes the file, which other processes may write to from now on."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._lock.release()


def _is_row(row: object) -> bool:
    """Returns whether a value has the keys of a row; what they mean is for the search to say."""
    if not isinstance(row, dict) or type(row.get("trial")) is not int or row["trial"] < 0:
        return False
    if "values" in row:
        return isinstance(row["values"], dict) and "score" not in row
    score = row.get("score", "")
    return score is None or (isinstance(score, int | float) and not isinstance(score, bool))
