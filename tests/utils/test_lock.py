"""Locks of living and dead processes, on this machine and others, with and without locks of the kernel."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import lock
from scalenet_tf.utils.lock import Holder, Lock
from tests.helpers.lock_holder import held

KERNEL = pytest.mark.parametrize("kernel", [True, False], ids=["kernel locks", "no kernel locks"])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"BEAT_SECONDS": 0.05, "SILENCE_SECONDS": 0.4, "_VERIFY_SECONDS": 0.05}.items():
        monkeypatch.setattr(lock, name, seconds)


def lock_of(path: Path) -> Lock:
    return Lock(path / "locks" / "train", "training 'r'", "training")


def without_kernel_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOTSUP, "no locks")

    monkeypatch.setattr("fcntl.flock", refuse)


def elsewhere(path: Path, **changes: object) -> Holder:
    """Writes the lock of a process on another machine."""
    holder = replace(Holder.this_process(), host="far", machine="far 1 2", process=7, token="t", **changes)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(holder)))
    return holder


@KERNEL
def test_a_second_process_is_refused_with_host_and_process(
    kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lock_of(tmp_path)
    with held(own.path) as process:
        if not kernel:
            without_kernel_locks(monkeypatch)
        text = rf"another process is training 'r' \(process {process.pid} on {socket.gethostname()}, since "
        with pytest.raises(ScaleNetError, match=text):
            own.acquire()
    with own:
        assert own.path.read_text()
    assert own.path.read_text() == ""


@KERNEL
def test_the_lock_of_a_killed_process_is_free_at_once(
    kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lock_of(tmp_path)
    with held(own.path) as process:
        process.kill()
        process.wait()
    if not kernel:
        without_kernel_locks(monkeypatch)
    begun = time.monotonic()
    with own:
        assert time.monotonic() - begun < 0.3 and f'"process": {os.getpid()}' in own.path.read_text()


@KERNEL
def test_a_second_thread_is_refused(kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kernel:
        without_kernel_locks(monkeypatch)
    with lock_of(tmp_path), pytest.raises(ScaleNetError, match=f"process {os.getpid()} on "):
        lock_of(tmp_path).acquire()


@KERNEL
def test_a_living_process_of_another_machine_is_known_by_its_beats(
    kernel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel:
        without_kernel_locks(monkeypatch)
    own = lock_of(tmp_path)
    elsewhere(own.path)
    ended = threading.Event()

    def beat() -> None:
        number = 0
        while not ended.wait(0.1):
            number += 1
            elsewhere(own.path, beat=number)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(ScaleNetError, match="process 7 on far"):
            own.acquire()
    finally:
        ended.set()
        thread.join()
    # Now it is silent.
    begun = time.monotonic()
    with own:
        assert time.monotonic() - begun >= 0.4


def test_a_holder_beats_and_stops_with_the_release(tmp_path: Path) -> None:
    own = lock_of(tmp_path)
    with own:
        deadline = time.monotonic() + 20
        while json.loads(own.path.read_text() or "{}").get("beat", 0) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    time.sleep(0.2)
    assert own.path.read_text() == ""


def test_of_two_that_write_at_the_same_time_the_last_one_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_kernel_locks(monkeypatch)
    own = lock_of(tmp_path)
    monkeypatch.setattr("time.sleep", lambda seconds: elsewhere(own.path))
    with pytest.raises(ScaleNetError, match="process 7 on far"):
        own.acquire()


def test_a_process_that_replaced_its_program_is_not_its_own_rival(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_kernel_locks(monkeypatch)
    own = lock_of(tmp_path)
    own.path.parent.mkdir(parents=True)
    own.path.write_text(json.dumps(asdict(Holder.this_process())))
    with own:
        pass


def test_a_pipe_in_the_place_of_a_lock_is_replaced(tmp_path: Path) -> None:
    own = lock_of(tmp_path)
    own.path.parent.mkdir()
    os.mkfifo(own.path)
    with own:
        assert own.path.is_file()
        with pytest.raises(ScaleNetError, match="another process is training 'r'"):
            lock_of(tmp_path).acquire()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": "far"}'])
def test_what_a_kill_left_of_the_text_holds_nothing(tmp_path: Path, content: str) -> None:
    own = lock_of(tmp_path)
    own.path.parent.mkdir(parents=True)
    own.path.write_text(content)
    with own:
        pass


def test_where_nothing_can_be_written_nothing_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: str | Path, flags: int, mode: int = 0o777, **more: int) -> int:
        if "locks" in str(path):
            raise OSError(errno.EROFS, "read-only")
        return real(path, flags, mode, **more)

    monkeypatch.setattr("os.open", refuse)
    with lock_of(tmp_path), lock_of(tmp_path):
        pass
