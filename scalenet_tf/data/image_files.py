"""Images in single files: how a folder is listed, and which of its entries can be read as a file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from scalenet_tf.data.encoded import as_bytes
from scalenet_tf.data.examples import per_epoch
from scalenet_tf.data.order import Share, epoch_rows
from scalenet_tf.data.pipeline_options import PARALLEL

_MAX_BYTES = 2**30  # of one encoded image, which is read as a whole
_REQUESTS = 32  # to remote storage at a time, each of which takes tens of milliseconds
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class StoredFile(NamedTuple):
    """An entry of a folder that is listed as an image.

    Attributes:
      path: Path of the entry; bytes of a name that are not UTF-8 are surrogates, as in `os.fsdecode`.
      size: Bytes, 0 if it is not a file.
      time: Time of its last change in nanoseconds, 0 if it is not a file.
      problem: The reason why it cannot be read as an image, such as "a pipe"; None if it can.
    """

    path: str
    size: int
    time: int
    problem: str | None = None


def is_local(path: str) -> bool:
    """Whether a path belongs to this machine's file system, and not to storage that TensorFlow reads."""
    return "://" not in path


def names_in(folder: str) -> list[str]:
    """Returns the names in a folder in sorted order; folders on remote storage may end with "/"."""
    return sorted(os.listdir(folder) if is_local(folder) else tf.io.gfile.listdir(folder))


def is_folder(path: str) -> bool:
    """Whether there is a folder at `path`."""
    return os.path.isdir(path) if is_local(path) else bool(tf.io.gfile.isdir(path))


def stored_file(path: str) -> StoredFile:
    """Looks at a file without opening it."""
    if not is_local(path):
        found = tf.io.gfile.stat(path)
        return StoredFile(path, found.length, found.mtime_nsec)
    try:
        status = os.stat(path)
    except OSError as error:
        return StoredFile(path, 0, 0, _failure(path, error))
    if not stat.S_ISREG(status.st_mode):
        return StoredFile(path, 0, 0, _KINDS.get(stat.S_IFMT(status.st_mode), "not a file"))
    problem = None if status.st_size <= _MAX_BYTES else f"{status.st_size} bytes"
    return StoredFile(path, status.st_size, status.st_mtime_ns, problem)


def stored_files(paths: list[str]) -> list[StoredFile]:
    """Looks at the files of a folder as `stored_file` does, at several at a time where each is a request."""
    if not paths or is_local(paths[0]):
        return [stored_file(path) for path in paths]
    with ThreadPoolExecutor(_REQUESTS) as pool:
        return list(pool.map(stored_file, paths))


def _failure(path: str, error: OSError) -> str:
    if os.path.islink(path) and error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
        return "a link to nothing"
    return error.strerror or type(error).__name__


@dataclass(frozen=True)
class Files:
    """Images in single files.

    Attributes:
      paths: Path of each image.
      labels: Label of each image, int64 [N], or multi-hot int8 [N, classes].
      sizes: Bytes of each file, int64 [N].
      times: Time of the last change of each file in nanoseconds, int64 [N].
      problems: For rows that cannot be read as a file, the reason.
      root: Folder that names in a digest are relative to. Default: they are class and file.
    """

    paths: tuple[str, ...]
    labels: np.ndarray
    sizes: np.ndarray
    times: np.ndarray
    problems: Mapping[int, str] = field(default_factory=dict)
    root: str | None = None

    @classmethod
    def of(cls, files: list[StoredFile], labels: np.ndarray, root: str | None = None) -> Files:
        """Makes the images of files and their labels."""
        return cls(
            tuple(file.path for file in files),
            labels,
            np.array([file.size for file in files], np.int64),
            np.array([file.time for file in files], np.int64),
            {row: file.problem for row, file in enumerate(files) if file.problem is not None},
            root,
        )

    @property
    def record_bytes(self) -> int:
        return 0

    def name(self, row: int) -> str:
        return repr(self.paths[row])

    def content(self, row: int) -> tf.Tensor:
        return tf.io.read_file(as_bytes(self.paths[row]))

    def readable(self, rows: np.ndarray) -> np.ndarray:
        if not self.problems:
            return rows
        return rows[~np.isin(rows, np.fromiter(self.problems, np.int64))]

    def unreadable(self, rows: np.ndarray) -> dict[int, str]:
        found = {}
        for row in map(int, rows):
            path = self.paths[row]
            if not is_local(path):
                continue
            problem = stored_file(path).problem
            if problem is None and not os.access(path, os.R_OK):
                problem = os.strerror(errno.EACCES)
            if problem is not None:
                found[row] = problem
        return found

    def check_files(self) -> None:
        pass  # each file is one image

    def fingerprint(self, rows: np.ndarray | None = None) -> Iterator[str]:
        for row in range(len(self.paths)) if rows is None else rows:
            # A folder's name tells the class; labels of a table do not show in a file's name.
            labels = "" if self.labels.ndim == 1 else f" {np.flatnonzero(self.labels[row]).tolist()}"
            yield f"{self._relative(self.paths[row])} {self.sizes[row]}{labels}"

    def stamps(self) -> Iterator[str]:
        for path, size, time in zip(self.paths, self.sizes, self.times, strict=True):
            yield f"{self._relative(path)} {size} {time}"

    def _relative(self, path: str) -> str:
        return "/".join(path.split("/")[-2:]) if self.root is None else os.path.relpath(path, self.root)

    def ordered(self, rows: np.ndarray) -> tf.data.Dataset:
        return self._read(tf.data.Dataset.from_tensor_slices(rows))

    def order(self, rows: np.ndarray) -> np.ndarray:
        return np.arange(len(rows))

    def steps(self, rows: np.ndarray, share: Share) -> int:
        return len(rows) // share.batch_size

    def shuffled(
        self, rows: np.ndarray, epochs: tf.data.Dataset, seed: int, share: Share, buffer: int
    ) -> tf.data.Dataset:
        # The whole list is shuffled, so no buffer is needed.
        return self._read(per_epoch(epochs, lambda epoch: epoch_rows(rows, seed, epoch, share)).unbatch())

    def _read(self, rows: tf.data.Dataset) -> tf.data.Dataset:
        paths = tf.constant([as_bytes(path) for path in self.paths])
        return rows.map(lambda row: (row, tf.io.read_file(paths[row])), num_parallel_calls=PARALLEL)
