"""Lock files: one process at a time does a piece of work, on a machine or on storage that machines share."""

from __future__ import annotations

import errno
import json
import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.lock_holder import Holder, read_holder
from scalenet_tf.utils.processes import machine_id
from scalenet_tf.utils.system import check_system

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0  # The holder writes this often that it is alive.
SILENCE_SECONDS = 30.0  # A holder on another machine that is silent for so long is dead.
_VERIFY_SECONDS = 0.3
_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}


class Lock:
    """A lock that its process holds from `acquire` to `release`, or to its end.

    The kernel keeps the lock where the file system has locks. The file also says who holds it, and grows a
    counter while that process is alive: this tells a living process on another machine from a dead one on
    storage whose locks, as those of a mounted bucket, are not seen by other machines. Where nothing can be
    written, nothing is locked.

    Args:
      path: File of the lock; it stays, empty, when the lock is released.
      doing: Activity of the holder for the error text, such as "training 'runs/first'".
      one: Noun for the work of which there may be only one, such as "training".

    Example:
      >>> with Lock(Path("runs/first/.locks/train"), "training 'runs/first'", "training"):
      ...     train()
    """

    def __init__(self, path: Path, doing: str, one: str) -> None:
        self.path, self._doing, self._one = path, doing, one
        self._descriptor: int | None = None
        self._released = threading.Event()

    def acquire(self) -> None:
        """Takes the lock.

        Raises:
          ScaleNetError: If another process holds it; the text names the process and its machine.
        """
        check_system()
        descriptor = _open(self.path)
        if descriptor is None:
            logger.debug("%s cannot be written: nothing is locked", self.path)
            return
        try:
            locked = _lock(descriptor)
            found = self._read()
            if found is not None and self._is_alive(found, locked):
                raise self.refusal(found)
            own = Holder.this_process()
            with suppress(OSError):  # a full disk, or another user's file: then the kernel's lock has to do
                _write(descriptor, own)
            if not locked:
                self._verify(own)
        except BlockingIOError:
            refusal = self.refusal(self._read())
            os.close(descriptor)
            raise refusal from None
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor, self._released = descriptor, threading.Event()
        _own_tokens.add(own.token)
        # A thread of its own, since the work may spend minutes in one call.
        threading.Thread(target=_beat, args=(descriptor, own, self._released), daemon=True).start()

    def release(self) -> None:
        """Gives the lock back; does nothing if it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with _beating:
            self._released.set()
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def refusal(self, holder: Holder | None) -> ScaleNetError:
        """Returns the error for a lock that another process holds."""
        who = "" if holder is None else f" ({holder})"
        return ScaleNetError(
            f"another process is {self._doing}{who}: one {self._one} at a time is allowed. Wait for it or "
            "stop it, then start again."
        )

    def _is_alive(self, holder: Holder, locked: bool) -> bool:
        """Whether the process that the file names still works, although the kernel gave the lock away."""
        if holder.machine == machine_id():
            return not locked and holder.lives and not _was_before_exec(holder)
        logger.info("%s was %s: waiting %g s for a sign of life", holder, self._doing, SILENCE_SECONDS)
        end = time.monotonic() + SILENCE_SECONDS
        while time.monotonic() < end:
            time.sleep(min(1.0, SILENCE_SECONDS / 4))
            if self._read() != holder:
                return True
        return False

    def _verify(self, own: Holder) -> None:
        """Without locks of the kernel, two processes may write at the same time: the last one has it."""
        time.sleep(_VERIFY_SECONDS)
        found = self._read()
        if found is not None and found.token != own.token:
            raise self.refusal(found)

    def _read(self) -> Holder | None:
        return read_holder(self.path)


def living_holder(path: Path) -> Holder | None:
    """Returns the process that holds a lock, as far as its file tells; the lock is not touched.

    Args:
      path: File of the lock.
    """
    holder = read_holder(path)
    if holder is None:
        return None
    if holder.machine == machine_id():
        return holder if holder.lives else None
    try:
        return holder if time.time() - path.stat().st_mtime < SILENCE_SECONDS else None
    except OSError:
        return None


_beating = threading.Lock()  # No beat goes to a descriptor that was closed.
_own_tokens: set[str] = set()


def _was_before_exec(holder: Holder) -> bool:
    """Whether the holder is this process before it replaced its program, which released its locks."""
    return holder.process == os.getpid() and holder.token not in _own_tokens


def _beat(descriptor: int, holder: Holder, released: threading.Event) -> None:
    while not released.wait(BEAT_SECONDS):
        holder = replace(holder, beat=holder.beat + 1)
        with _beating:
            if released.is_set():
                return
            with suppress(OSError):
                _write(descriptor, holder)


def _open(path: Path) -> int | None:
    """Opens the file of a lock; None if this user may not write there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file() and not path.is_dir():
            path.unlink()  # Who reads a pipe waits for ever.
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # another user's lock
    except OSError:
        return None


def _lock(descriptor: int) -> bool:
    """Takes the kernel's lock; False if the file system has none.

    Raises:
      BlockingIOError: If another process holds it.
    """
    import fcntl  # Windows has none; `acquire` has refused it.

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _write(descriptor: int, holder: Holder) -> None:
    content = json.dumps(asdict(holder)).encode()
    os.pwrite(descriptor, content, 0)
    os.ftruncate(descriptor, len(content))
    os.fsync(descriptor)
