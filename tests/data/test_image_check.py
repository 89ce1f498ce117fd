"""Every image of all splits is decoded before the first step, and once as long as its file stays the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.data import open_data, run_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.image_check import read_image_check

Write = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, write_folder: Write) -> Run:
    """A streamed run that has been checked, and one corrupt image of each split left out."""
    images = tmp_path / "images"
    write_folder(images / "train", 10)
    write_folder(images / "test", 3, seed=1)
    for name in ("train/cat/1.png", "test/owl/1.png"):
        (images / name).write_bytes(b"no image")
    given = [f"data.source=folder:{images}", "data.skip_corrupt=true", "data.cache_gigabytes=0"]
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", given))
    run_data._load.cache_clear()
    open_data(run)
    run.supernet.mkdir()
    return run


def images_of(run: Run) -> Path:
    return run.path.parent / "images"


def in_a_new_process() -> None:
    run_data._load.cache_clear()


def damage(file: Path, *, unnoticed: bool) -> None:
    """Replaces the content of a file by as many bytes; `unnoticed` also keeps its time."""
    status = file.stat()
    file.write_bytes(b"x" * status.st_size)
    time = status.st_mtime_ns if unnoticed else status.st_mtime_ns + 1
    os.utime(file, ns=(time, time))


def test_what_cannot_be_decoded_is_stored_and_left_out_by_later_processes(run: Run) -> None:
    check = read_image_check(run.image_check_file)
    assert check is not None
    found = {name: len(rows) for name, rows in check.corrupt.items()}
    assert found["test"] == 1 and found["train"] + found["validation"] == 1
    first = open_data(run).info
    assert (first.skipped, first.counts["test"]) == (2, 9)
    in_a_new_process()
    assert open_data(run).info == first


def test_a_run_that_is_opened_again_before_its_first_step_keeps_what_its_files_hold(run: Run) -> None:
    run.supernet.rmdir()
    before = run.data_file.read_bytes()
    assert open_data(run).info.stored is not None
    in_a_new_process()
    assert open_data(run).info.stored is not None and run.data_file.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["train/dog/003.png", pytest.param("test/dog/002.png", marks=pytest.mark.slow)]
)
def test_files_are_decoded_again_only_if_they_have_changed(run: Run, name: str) -> None:
    damage(images_of(run) / name, unnoticed=True)
    in_a_new_process()
    assert open_data(run).info.skipped == 2
    damage(images_of(run) / name, unnoticed=False)
    in_a_new_process()
    if name.startswith("test"):  # the names and sizes are those that the run began with
        assert open_data(run).info.skipped == 3
    else:
        with pytest.raises(ScaleNetError, match=r"they differ in: counts, digest"):
            open_data(run)


@pytest.mark.parametrize(
    "content",
    [
        *(b'{"schema": 1, "files": "x", "corrupt": {}}', None),
        *(pytest.param(text, marks=pytest.mark.slow) for text in (b"", b"{", b"[]")),
    ],
)
def test_a_damaged_check_is_only_repeated(run: Run, content: bytes | None) -> None:
    before = run.image_check_file.read_bytes()
    if content is None:
        run.image_check_file.unlink()
    else:
        run.image_check_file.write_bytes(content)
    in_a_new_process()
    assert open_data(run).info.skipped == 2
    assert run.image_check_file.read_bytes() == before


def test_a_run_that_cannot_be_written_is_read(run: Run) -> None:
    run.image_check_file.unlink()
    run.image_check_file.mkdir()  # as on storage that refuses the file
    in_a_new_process()
    assert open_data(run).info.skipped == 2
