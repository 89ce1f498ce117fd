"""A run takes over a new place of its images only if they are the same images."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.data import open_data
from scalenet_tf.data.moved import begin_or_continue
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from tests.data.test_remedies import score_a_member

Write = Callable[..., Path]


def config_of(images: Path) -> RunConfig:
    return load_config("smoke", [f"data.source=folder:{images}"])


@pytest.fixture
def begun(tmp_path: Path, write_folder: Write) -> Run:
    """A run that has read its images, and begun its work."""
    run = begin_or_continue(tmp_path / "run", config_of(write_folder(tmp_path / "images", 10)))
    open_data(run)
    run.supernet.mkdir()
    return run


def test_images_that_were_moved_are_found_at_their_new_place(begun: Run, tmp_path: Path) -> None:
    moved = shutil.move(tmp_path / "images", tmp_path / "moved")
    run = begin_or_continue(begun.path, config_of(Path(moved)))
    assert Run.open(run.path).config.data.source == f"folder:{moved}"


def test_other_images_are_refused_and_the_run_stays_as_it_is(
    begun: Run, tmp_path: Path, write_folder: Write
) -> None:
    before = begun.config_file.read_bytes()
    others = write_folder(tmp_path / "others", 11, seed=5)
    with pytest.raises(
        InvalidInputError, match=r"started with other images than those of 'folder:.*others' \(they differ in"
    ):
        begin_or_continue(begun.path, config_of(others))
    broken = write_folder(tmp_path / "broken", 12, seed=6)
    next(broken.rglob("*.png")).write_bytes(b"no image")
    with pytest.raises(InvalidInputError, match=r"cannot be those of 'folder:.*broken': .*cannot be decoded"):
        begin_or_continue(begun.path, config_of(broken))
    with pytest.raises(InvalidInputError, match="nowhere"):
        begin_or_continue(begun.path, config_of(tmp_path / "nowhere"))
    assert begun.config_file.read_bytes() == before


def test_a_run_that_has_not_read_its_images_takes_any(tmp_path: Path, write_folder: Write) -> None:
    begin_or_continue(tmp_path / "run", config_of(write_folder(tmp_path / "images", 10)))
    others = write_folder(tmp_path / "others", 11, seed=5)
    run = begin_or_continue(tmp_path / "run", config_of(others))
    assert open_data(run).info.counts["train"] > 0


def test_a_run_that_has_only_read_its_images_takes_others(tmp_path: Path, write_folder: Write) -> None:
    open_data(begin_or_continue(tmp_path / "run", config_of(write_folder(tmp_path / "images", 10))))
    others = write_folder(tmp_path / "others", 30, seed=5)
    begun = begin_or_continue(tmp_path / "run", config_of(others))
    assert open_data(begun).info.counts["train"] > 60
    assert begun.data_info().counts == open_data(begun).info.counts


def test_other_test_images_are_refused_once_a_member_is_scored(tmp_path: Path, write_folder: Write) -> None:
    for place, count in (("images", 3), ("others", 4)):
        write_folder(tmp_path / place / "train", 10)
        write_folder(tmp_path / place / "test", count, seed=1)
    run = begin_or_continue(tmp_path / "run", config_of(tmp_path / "images"))
    open_data(run)
    score_a_member(run)
    before = run.config_file.read_bytes()
    with pytest.raises(InvalidInputError, match=r"other test images .* members s0 were scored on.*stays as"):
        begin_or_continue(run.path, config_of(tmp_path / "others"))
    assert run.config_file.read_bytes() == before
