"""A new run that is refused leaves nothing behind; one that has begun stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.refused import removed_if_refused

CONFIG = load_config("smoke")


def refuse(path: Path, *files: str) -> None:
    """Creates a run and some files in it, then fails as wrong images do."""
    with pytest.raises(InvalidInputError, match="one class"), removed_if_refused(path):
        run = Run.open_or_create(path, CONFIG)
        for name in files:
            (run.path / name).write_text("{}")
        raise InvalidInputError("one class")


def test_a_refused_run_leaves_no_directory(tmp_path: Path) -> None:
    refuse(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    refuse(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_run_whose_work_has_begun_stays(tmp_path: Path) -> None:
    Run.open_or_create(tmp_path / "before", CONFIG)
    refuse(tmp_path / "before")
    refuse(tmp_path / "worked", "data.json", "family.json")
    for name in ("before", "worked"):
        assert Run.open(tmp_path / name).config.seed == CONFIG.seed
    assert (tmp_path / "worked" / "data.json").is_file()


def test_a_run_that_has_only_read_its_images_goes_and_one_that_had_stays(tmp_path: Path) -> None:
    refuse(tmp_path / "new", "data.json", "image_check.json")
    assert list(tmp_path.iterdir()) == []
    read = Run.open_or_create(tmp_path / "before", CONFIG)
    read.data_file.write_text("{}")
    refuse(tmp_path / "before")
    assert read.data_file.is_file() and Run.open(tmp_path / "before").config.seed == CONFIG.seed


def test_stored_images_go_with_a_refused_run_unless_they_were_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError), removed_if_refused(tmp_path / "new"):
        (tmp_path / "new" / "images").mkdir(parents=True)
        raise InvalidInputError("no configuration yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "before" / "images").mkdir(parents=True)
    refuse(tmp_path / "before")
    assert [file.name for file in (tmp_path / "before").iterdir()] == ["images"]


def test_a_run_that_another_process_has_begun_stays(tmp_path: Path) -> None:
    run = tmp_path / "run"
    code = (
        "import sys, time; from pathlib import Path; from scalenet_tf.run.locks import TRAIN, step_lock\n"
        "run = Path(sys.argv[1])\n"
        "with step_lock(run, TRAIN):\n"
        "    (run / 'images').mkdir(); print('begun', flush=True); time.sleep(60)"
    )
    with pytest.raises(InvalidInputError, match="another process"), removed_if_refused(run):
        other = subprocess.Popen([sys.executable, "-c", code, str(run)], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None and other.stdout.readline() == "begun\n"
        raise InvalidInputError("another process works on the run")
    other.kill()
    other.communicate()
    assert (run / "images").is_dir()


def test_a_directory_of_others_gets_no_files_of_ours(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInputError, match="holds other files"), removed_if_refused(tmp_path):
        Run.open_or_create(tmp_path, CONFIG)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    refuse(tmp_path / "run", "notes.txt")
    assert (tmp_path / "run" / "notes.txt").is_file()
