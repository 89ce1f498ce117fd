from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scalenet_tf.run import Run
from scalenet_tf.run.layout import CONFIG
from scalenet_tf.run.listing import list_runs
from tests.helpers.called import scalenet
from tests.helpers.lock_holder import held


def test_a_folder_of_runs_is_listed(finished_run: Run, tmp_path: Path) -> None:
    first = finished_run.path.rename(tmp_path / "a" / "b") if (tmp_path / "a").mkdir() else finished_run.path
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / CONFIG).write_text("seed: [")
    (tmp_path / "other" / "photos").mkdir(parents=True)
    one, two = sorted(list_runs(tmp_path), key=lambda run: str(run.path) != str(first))
    assert (one.path, one.state, one.images) == (first, "report not started", 10_000)
    assert one.test_accuracy["s3"] == 0.8434 + 0.03 and list(one.test_accuracy) == ["s0", "s1", "s2", "s3"]
    shutil.copytree(first / "members" / "s2", first / "members" / "s2-old")
    assert list(list_runs(first)[0].test_accuracy) == ["s0", "s1", "s2", "s3"]
    assert (one.seed, one.space, one.processes) == (0, finished_run.config.space, ())
    assert (two.path, two.state, two.source) == (broken, "damaged", None)


def test_a_folder_that_cannot_be_read_is_left_out(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = finished_run.path.parent
    (folder / "lost+found").mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "lost+found":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert [run.path for run in list_runs(folder)] == [finished_run.path]
    assert f"{folder / 'lost+found'} is left out: Permission denied" in caplog.text
    with pytest.raises(PermissionError):
        list_runs(folder / "lost+found")


def test_the_state_is_the_first_step_that_is_not_done(finished_run: Run) -> None:
    (finished_run.member(2) / "metrics.json").unlink()
    os.utime(finished_run.report_file.parent / "family.json", (2e9, 2e9))
    (found,) = list_runs(finished_run.path)
    assert found.state == "retrain 3 of 4" and found.changed == "2033-05-18T03:33:20+00:00"
    finished_run.search_result_file.unlink()
    (found,) = list_runs(finished_run.path)
    assert found.state == "search started"


def test_the_process_that_works_on_a_run_is_named_while_it_lives(finished_run: Run) -> None:
    with held(finished_run.path / ".locks" / "retrain") as process:
        (found,) = list_runs(finished_run.path.parent)
        assert len(found.processes) == 1
        assert found.processes[0].startswith(f"retrain: process {process.pid} on ")
    (found,) = list_runs(finished_run.path.parent)
    assert found.processes == ()


def test_the_command_prints_a_table_and_json_without_tensorflow(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(finished_run.path.parent)
    assert scalenet(monkeypatch, "runs", folder) == 0
    text = capsys.readouterr().out
    assert str(finished_run.path) in text and "S0 84.3% … S3 87.3%" in text and "report not started" in text
    assert scalenet(monkeypatch, "runs", folder, "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["result"]
    assert found["path"] == str(finished_run.path) and found["steps"]["retrain"] == "done"
    code = (
        "import sys; sys.argv = ['scalenet', 'runs', sys.argv[1]]; from scalenet_tf.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code\n"
        "assert not {'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, folder], check=True, capture_output=True)


def test_no_runs_and_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "runs", str(tmp_path)) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"no runs below {tmp_path}. Start one with: scalenet run")
    assert scalenet(monkeypatch, "runs", str(tmp_path / "none")) == 2
    assert "`folder` must be a folder of runs" in capsys.readouterr().err


def test_a_member_that_is_being_trained_counts_as_started(finished_run: Run) -> None:
    for stage in range(4):
        (finished_run.member(stage) / "metrics.json").unlink()
    (found,) = list_runs(finished_run.path)
    assert found.state == "retrain not started"
    (finished_run.member(1) / "architecture.json").write_text("{}")
    (found,) = list_runs(finished_run.path)
    assert found.state == "retrain started"


def test_the_process_of_the_whole_run_is_not_called_the_training(finished_run: Run) -> None:
    with held(finished_run.path / ".locks" / "train"):
        (found,) = list_runs(finished_run.path)
        assert found.processes[0].startswith("run: process ")
        finished_run.supernet_done_file.unlink()
        (found,) = list_runs(finished_run.path)
        assert found.processes[0].startswith("train: process ")
