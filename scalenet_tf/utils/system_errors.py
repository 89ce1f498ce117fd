"""Errors of the operating system as errors that a user can act on: the file, the cause and what to do."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from scalenet_tf.errors import ScaleNetError, first_line

_ADVICE = {
    errno.ENOSPC: "Free some disk space",
    errno.EDQUOT: "Free some of your disk quota",
    errno.EFBIG: "Raise the limit of the size of files (ulimit -f)",
    errno.EACCES: "Give your user the right to it, or work in a directory of your own",
    errno.EPERM: "Give your user the right to it, or work in a directory of your own",
    errno.EROFS: "Work in a directory that can be written",
    errno.ENOENT: "Put it back, or check the path",
    errno.ENOTDIR: "Move the file away that is in the place of a folder, or check the path",
    errno.EISDIR: "Move the folder away that is in the place of a file, or check the path",
    errno.EEXIST: "Move away what is in its place",
    errno.ENOTEMPTY: "Move away what is in its place",
    errno.ENAMETOOLONG: "Use a shorter path",
    errno.ELOOP: "Repair the links in the path",
    errno.EMFILE: "Raise the limit of open files (ulimit -n)",
    errno.ENFILE: "Close other programs: the system has too many open files",
    errno.ENOMEM: "Free some memory",
    errno.EIO: "Repair the storage",
    errno.ESTALE: "Mount the storage again",
    errno.ENODEV: "Mount the storage again",
    errno.ENXIO: "Mount the storage again",
    errno.ENOTCONN: "Mount the storage again",
}
_NAMES = {os.strerror(number): number for number in _ADVICE}
# TensorFlow writes `{{the operation}} the file; the name of the error [Op:the operation]`.
_OF_TENSORFLOW = re.compile(
    rf"^(\{{\{{.*\}}\}} )?((?P<where>.+); )?(?P<name>{'|'.join(map(re.escape, _NAMES))})( \[Op:.*)?$"
)


def as_user_error(error: BaseException) -> ScaleNetError | None:
    """Returns the error for a user that an error of the system stands for.

    Args:
      error: Any error. TensorFlow's own errors count if the system caused them.

    Returns:
      The error, or None if `error` is no error of the system, such as a mistake in the program.

    Example:
      >>> as_user_error(OSError(errno.ENOSPC, "No space left on device", "a/family.json")).args[0][:40]
      "'a/family.json': No space left on device"
    """
    if isinstance(error, OSError) and error.errno in _ADVICE:
        name = "" if error.filename is None else f"{os.fsdecode(error.filename)!r}: "
        return _user_error(f"{name}{error.strerror}", error.errno)
    # By name, since this module must not load TensorFlow.
    if "OpError" in [kind.__name__ for kind in type(error).__mro__]:
        found = _OF_TENSORFLOW.search(first_line(error))
        if found is not None:
            where = found["where"] or "a file of TensorFlow's"
            return _user_error(f"{where}: {found['name']}", _NAMES[found["name"]])
    return None


@contextmanager
def user_errors() -> Iterator[None]:
    """Raises errors of the system inside the block as ScaleNetError; see `as_user_error`."""
    try:
        yield
    except ScaleNetError:
        raise
    except Exception as error:
        found = as_user_error(error)
        if found is None:
            raise
        raise found from error


def _user_error(problem: str, number: int) -> ScaleNetError:
    return ScaleNetError(
        f"{problem}. {_ADVICE[number]}, then run the same command again: what was saved is kept."
    )
