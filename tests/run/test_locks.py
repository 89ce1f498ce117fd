"""One process at a time on a job step of a run, from before its first file."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from scalenet_tf.cli.main import main
from scalenet_tf.config import load_config, override_config
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.extrapolation.step import write_family
from scalenet_tf.profiling.blocks import profile_blocks
from scalenet_tf.profiling.members import profile_members
from scalenet_tf.report import write_report
from scalenet_tf.run import Run
from scalenet_tf.run.locks import LOCKS, TRAIN, step_lock
from tests.helpers.lock_holder import held


def content(folder: Path) -> dict[str, bytes]:
    """Returns all files of a run, apart from its locks."""
    found = (file for file in folder.rglob("*") if file.is_file() and LOCKS not in file.parts)
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


@pytest.mark.parametrize("command", ["train", "run"])
@pytest.mark.parametrize("again", ["resumed", "with another seed", "with other images"])
def test_a_second_command_is_refused_before_it_writes_anything(
    command: str,
    again: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first one has created the run, and is far from its first checkpoint."""
    path = tmp_path / "run"
    Run.open_or_create(path, load_config("smoke"))
    (tmp_path / "images").mkdir()
    begun = content(path)
    words = {
        "resumed": [],
        "with another seed": ["--config", "smoke", "--seed", "5"],
        "with other images": ["--config", "smoke", "--data", f"folder:{tmp_path / 'images'}"],
    }
    monkeypatch.setattr(sys, "argv", ["scalenet", command, "--run", str(path), *words[again]])
    with held(path / LOCKS / TRAIN) as process, pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert f"process {process.pid} on " in capsys.readouterr().err
    assert content(path) == begun


def test_a_run_that_was_created_again_is_not_trained_with_the_settings_of_before(tmp_path: Path) -> None:
    first = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    Run.open_or_create(tmp_path / "run", load_config("smoke", ["seed=5"]))
    text = r"another configuration \(it differs in: seed\)"
    with pytest.raises(InvalidInputError, match=text), first.training_lock():
        pass


def test_the_same_thread_may_hold_a_lock_twice(tmp_path: Path) -> None:
    with step_lock(tmp_path, "s0"):
        with step_lock(tmp_path / ".." / tmp_path.name, "s0"), step_lock(tmp_path, "s1"):
            pass
        assert (tmp_path / LOCKS / "s0").read_text()
    assert not (tmp_path / LOCKS / "s0").read_text()


def test_each_step_is_refused_while_another_process_is_at_it(searched_run: Run) -> None:
    from scalenet_tf.compress import compress_member
    from scalenet_tf.export import export_member
    from scalenet_tf.members import train_member

    with held(searched_run.path / LOCKS / "scale"), pytest.raises(ScaleNetError, match="'scale' of the run"):
        write_family(searched_run)
    assert not searched_run.family_file.exists()
    write_family(searched_run)
    with (
        held(searched_run.path / LOCKS / "profile"),
        pytest.raises(ScaleNetError, match="'profile' of"),
    ):
        profile_members(searched_run)
    with (
        held(searched_run.path / ".latency.json.lock"),
        pytest.raises(ScaleNetError, match="measuring blocks"),
    ):
        profile_blocks(searched_run.space(), searched_run.path / "latency.json", minutes=0)
    # A report is read from whole files and renamed into place as a whole: it waits for nobody.
    with ExitStack() as stack:
        for work in (TRAIN, "search", "scale", "profile", "s0"):
            stack.enter_context(held(searched_run.path / LOCKS / work))
        assert write_report(searched_run).path.is_file()
    with held(searched_run.path / LOCKS / "s0-ptq-int8"), pytest.raises(ScaleNetError, match="s0-ptq-int8"):
        compress_member(searched_run, 0, "ptq-int8")
    with held(searched_run.path / LOCKS / "s0"):
        with pytest.raises(ScaleNetError, match="'s0' of the run"):
            export_member(searched_run, 0)
        with pytest.raises(ScaleNetError, match="'s0' of the run"):
            train_member(searched_run, 0)


def test_the_lock_of_a_new_run_is_no_other_work(tmp_path: Path) -> None:
    config = load_config("smoke")
    run = Run.open_or_create(tmp_path / "run", config)
    assert (run.path / LOCKS).is_dir()
    again = Run.open_or_create(run.path, override_config(config, ["seed=3"]))
    assert Run.open(run.path).config.seed == again.config.seed == 3
