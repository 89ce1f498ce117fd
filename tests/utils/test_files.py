from __future__ import annotations

import errno
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files
from tests.helpers.full_disk import full_disk


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_json_goes_there_and_back(tmp_path: Path) -> None:
    value = {"stage": "S0 → S1", "macs": [1, 2], "score": None}
    path = files.write_json(tmp_path / "deep" / "er" / "value.json", value)
    assert files.read_json(path) == value
    assert path.read_text("utf-8").endswith("}\n") and "→" in path.read_text("utf-8")
    assert names(path.parent) == ["value.json"]


def test_a_value_that_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    path = files.write_json(tmp_path / "value.json", {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    assert files.read_json(path) == {"a": 1}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.write_text(tmp_path / "file", "old")

    def fail(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, "new")
    assert path.read_text() == "old"


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "model"

    def fill(folder: Path) -> None:
        (folder / "1").mkdir(parents=True)
        (folder / "1" / "weights").write_text("new")

    def fail(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        files.write_folder(path, fail)
    assert names(tmp_path) == []
    files.write_folder(path, fill)
    (path / "stale").write_text("old")
    with pytest.raises(RuntimeError, match="killed"):
        files.write_folder(path, fail)
    assert names(path) == ["1", "stale"]
    files.write_folder(path, fill)
    assert names(path) == ["1"] and json.dumps((path / "1" / "weights").read_text()) == '"new"'


def test_a_mounted_bucket_renames_files_alone(tmp_path: Path, no_folder_renames: list[str]) -> None:
    def fill(folder: Path) -> None:
        files.write_text(folder / "variables" / "index", "1")
        files.write_text(folder / "assets" / "labels", "2")
        files.write_text(folder / "a-mark", "3")

    files.write_folder(tmp_path / "model", fill)
    assert names(tmp_path) == ["model"] and names(tmp_path / "model") == ["a-mark", "assets", "variables"]
    # What was written last comes last, whatever its name.
    assert no_folder_renames[-3:] == ["index", "labels", "a-mark"]


def test_another_error_of_a_rename_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        files.write_folder(tmp_path / "model", lambda folder: folder.mkdir())


def test_a_copied_file_is_the_same(tmp_path: Path) -> None:
    source = files.write_bytes(tmp_path / "source", bytes(range(256)) * 5000)
    copied = files.copy_file(source, tmp_path / "deep" / "copy")
    assert copied.read_bytes() == source.read_bytes() and names(copied.parent) == ["copy"]


def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path: Path) -> None:
    here, dead, alive = (
        files._machine(),
        99999999,
        os.getppid(),
    )  # No system has a process of the first number.
    left = [
        f".value.json.{here}-{dead}-0123abcd.tmp",
        f".value.json.{here}-{os.getpid()}-0123abcd.tmp",  # of an earlier process of this number
        f".value.json.{here}-{alive}-0123abcd.tmp",
        f".value.json.00000000-{dead}-0123abcd.tmp",  # of another machine
        f".value.json.{dead}.tmp",  # of an earlier version
        f".other.json.{here}-{dead}-0123abcd.tmp",
        ".tmp",
    ]
    for name in left:
        (tmp_path / name).write_text("half")
    (tmp_path / f".1.{here}-{dead}-0123abcd.tmp" / "variables").mkdir(parents=True)
    files.write_json(tmp_path / "value.json", 1)
    files.write_folder(tmp_path / "1", lambda folder: folder.mkdir())
    assert names(tmp_path) == sorted([*left[2:], "1", "value.json"])
    assert sorted(path.name for path in files.entries(tmp_path)) == [".tmp", "1", "value.json"]


def test_two_threads_write_the_same_file_and_one_of_them_is_there_whole(tmp_path: Path) -> None:
    def write(number: int) -> None:
        def fill(temporary: Path) -> None:
            temporary.write_text(str(number))
            began.wait()
            assert temporary.exists()

        files.write_file(tmp_path / "value", fill)

    began = threading.Barrier(4, timeout=20)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert names(tmp_path) == ["value"] and (tmp_path / "value").read_text() in "0123"


def test_an_error_of_the_system_names_the_file_and_not_the_temporary_one(tmp_path: Path) -> None:
    with full_disk(100), pytest.raises(OSError) as full:
        files.write_bytes(tmp_path / "value", b"0" * 1000)
    assert full.value.filename == str(tmp_path / "value") and names(tmp_path) == []
    files.write_text(tmp_path / "file", "")
    with pytest.raises(OSError) as no_folder:
        files.write_text(tmp_path / "file" / "value", "")
    assert no_folder.value.filename == str(tmp_path / "file")
    (tmp_path / "folder" / "value").mkdir(parents=True)
    with pytest.raises(OSError) as folder:
        files.write_text(tmp_path / "folder" / "value", "")
    assert folder.value.filename == str(tmp_path / "folder" / "value")


def all_but_access_time(path: Path) -> tuple[int, ...]:
    """What tells an entry from another one in its place; following a link changes its access time."""
    found = os.lstat(path)
    place = found.st_mode, found.st_ino, found.st_dev, found.st_nlink
    return *place, found.st_uid, found.st_gid, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "link to a pipe"])
def test_a_device_or_pipe_is_not_replaced(tmp_path: Path, kind: str) -> None:
    """As root, `--out /dev/null` would otherwise leave a file in its place."""
    path = tmp_path / "out.json"
    if kind == "link to a device":
        path.symlink_to(os.devnull)
    else:
        pipe = path if kind == "pipe" else tmp_path / "pipe"
        os.mkfifo(pipe)
        if pipe != path:
            path.symlink_to(pipe)
    before = all_but_access_time(path)
    with pytest.raises(InvalidInputError, match=rf"'{path}' is a device, a pipe or a socket"):
        files.write_text(path, "{}")
    assert all_but_access_time(path) == before
    (tmp_path / "link").symlink_to("absent")
    files.write_text(tmp_path / "link", "{}")
