"""Real training of a tiny super-supernet: killed, stopped, diverging; resumed as the very same run."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.data import open_data, run_data
from scalenet_tf.data.sources import bundled
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import TrainingRow, read_training_log
from scalenet_tf.search.step import search_step
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.utils import files
from tests.helpers.tiny_training import (
    STEPS,
    finish,
    new_run,
    result,
    rows,
    start,
    tensorboard_steps,
    wait_for_a_step,
    without_rates,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = new_run(tmp_path_factory.mktemp("supernet"))
    finish(run)
    return run


def test_training_learns_and_logs_each_stage(trained: Run) -> None:
    log = rows(trained)
    assert log[-1]["step"] == STEPS
    assert [row["step"] for row in log] == [*range(5, STEPS, 5), STEPS]
    assert log[-1]["loss"] < log[0]["loss"]
    assert {stage for row in log for stage in row["stage_loss"]} == {"0", "1", "2"}
    assert all(row["images_per_second"] > 0 for row in log)
    assert list((trained.supernet / "tensorboard").glob("events*"))
    assert files.read_json(trained.path / "data.json")["classes"] == 10


def test_a_trained_supernet_is_loaded_and_not_trained_again(trained: Run) -> None:
    from scalenet_tf.models.supernet import weights_digest

    assert weights_digest(load_supernet(trained)) == result(trained)["weights_digest"]
    before = (trained.supernet / "done.json").stat().st_mtime_ns
    train_supernet(trained)
    assert (trained.supernet / "done.json").stat().st_mtime_ns == before


def checkpoint_steps(run: Run) -> list[int]:
    """The steps of the checkpoints there, the newest last."""
    return sorted(int(path.stem.rpartition("-")[2]) for path in run.supernet.rglob("ckpt-*.index"))


def test_killed_and_damaged_training_is_the_same(trained: Run, tmp_path: Path) -> None:
    # Two processes: each takes far longer to start than to train, so they share what is to be seen.
    run = copy_of(trained, tmp_path)
    process = start(run)
    wait_for_a_step(process, run, 10)
    process.kill()
    process.communicate()
    *_, older, newest = checkpoint_steps(run)
    cut(run, newest)

    process = start(run)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    assert f"ckpt-{newest} is damaged and left out: " in output
    assert older == 0 or f"going on from step {older}" in output
    assert_the_same(run, trained)


@pytest.mark.slow
def test_stopped_training_is_the_same(trained: Run, tmp_path: Path) -> None:
    run = copy_of(trained, tmp_path)
    process = start(run)
    wait_for_a_step(process, run, 25)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output
    assert f"continue: scalenet train --run {run.path}" in output
    saved = checkpoint_steps(run)[-1]
    assert f"saved at step {saved} of {STEPS}" in output
    assert 25 <= saved < STEPS

    finish(run)
    assert_the_same(run, trained)


def assert_the_same(run: Run, trained: Run) -> None:
    assert result(run) == result(trained)
    assert without_rates(rows(run)) == without_rates(rows(trained))
    assert tensorboard_steps(run) == [*range(5, STEPS, 5), STEPS]


def cut(run: Run, step: int) -> None:
    [data] = run.supernet.rglob(f"ckpt-{step}.data-*")
    data.write_bytes(data.read_bytes()[:1000])


def copy_of(trained: Run, folder: Path) -> Run:
    """A run of the same configuration that has not begun."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(trained.path, folder / "run", ignore=lambda *_: ["supernet"])
    return Run.open(folder / "run")


@pytest.mark.usefixtures("eager")
def test_weights_other_than_the_trained_ones_are_refused(trained: Run, tmp_path: Path) -> None:
    run = Run.open(shutil.copytree(trained.path, tmp_path / "run"))
    (run.supernet / "checkpoint").unlink()  # the files tell which is the last
    load_supernet(run)
    for path in run.supernet.glob("ckpt-*"):
        path.unlink()
    with pytest.raises(ScaleNetError, match=r"does not hold the weights .*\. Put its files back, or move"):
        load_supernet(run)
    other = new_run(tmp_path / "other", "supernet.steps=1", "seed=1")
    told: list[TrainingRow] = []
    train_supernet(other, on_row=told.append)
    assert told == read_training_log(other.supernet_log_file) and [row.step for row in told] == [1]
    files.write_json(other.supernet / "done.json", files.read_json(trained.supernet / "done.json"))
    with pytest.raises(ScaleNetError, match="does not hold the weights that the training ended with"):
        load_supernet(other)


@pytest.mark.usefixtures("eager")
def test_the_images_per_second_are_those_of_the_steps_alone(tmp_path: Path) -> None:
    """Callbacks that take time, such as a tracker's, do not slow the rows that follow."""
    run = new_run(tmp_path, "supernet.steps=2", "supernet.log_steps=1", "supernet.batch_size=8")
    ends: list[float] = []
    told: list[TrainingRow] = []

    def slow(row: TrainingRow) -> None:
        told.append(row)
        ends.append(time.monotonic())
        if row.step == 1:
            time.sleep(3.0)

    train_supernet(run, on_row=slow)
    assert 8 / told[1].images_per_second < ends[1] - ends[0] - 2.9


def test_a_damaged_end_is_named(trained: Run, tmp_path: Path) -> None:
    run = Run.open(shutil.copytree(trained.path, tmp_path / "run"))
    cut(run, STEPS)
    with pytest.raises(
        ScaleNetError, match=rf"ckpt-{STEPS}', the end .*, is damaged .* delete '.*done\.json'"
    ):
        load_supernet(run)


def test_the_search_reads_no_image_of_the_test_split(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    really = bundled._examples

    def watched(split: str, *options: Any) -> Any:
        read.append(split)
        return really(split, *options)

    monkeypatch.setattr(bundled, "_examples", watched)
    run_data._load.cache_clear()
    run = Run.open(shutil.copytree(trained.path, tmp_path / "run"))
    assert files.read_json(search_step(run))["cost"]["trials"] > 0
    assert sorted(read) == ["train", "validation"]
    # The watch would have seen it.
    assert open_data(run).test.count == 4000
    assert read[-1] == "test"


def test_a_supernet_of_another_space_is_not_gone_on_with(trained: Run, tmp_path: Path) -> None:
    run = Run.open(shutil.copytree(trained.path, tmp_path / "run"))
    (run.supernet / "done.json").unlink()
    space = files.read_json(run.space_file)
    files.write_json(run.space_file, {**space, "head_width": space["head_width"] + 8})
    with pytest.raises(ScaleNetError, match=r"holds another super-supernet than config.yaml and space.json"):
        train_supernet(run)


def test_an_untrained_supernet_cannot_be_loaded(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(ScaleNetError, match=r"is not trained yet\. Train it with: scalenet train --run"):
        load_supernet(run)
