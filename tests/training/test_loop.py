"""Real training of a tiny super-supernet: killed, stopped, diverging; resumed as the very same run."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from scalenet_tf.config import SupernetConfig, load_config
from scalenet_tf.data import load, open_data
from scalenet_tf.data.sources import bundled
from scalenet_tf.errors import DivergedError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.search.step import search_step
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.training.milestones import is_milestone
from scalenet_tf.utils import files
from tests.helpers.networks import TINY_SPACE

STEPS = 40


def new_run(folder: Path, *overrides: str) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    space = files.write_text(folder / "tiny.yaml", TINY_SPACE)
    small = [f"supernet.steps={STEPS}", "supernet.checkpoint_steps=7", "supernet.log_steps=5"]
    return Run.open_or_create(folder / "run", load_config("smoke", [f"space={space}", *small, *overrides]))


def start(run: Run) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scalenet_tf.cli", "train", "--run", str(run.path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(run: Run) -> dict[str, Any]:
    process = start(run)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return result(run)


def result(run: Run) -> dict[str, Any]:
    """What the training decides: everything but `environment`."""
    return {k: v for k, v in files.read_json(run.supernet / "done.json").items() if k != "environment"}


def rows(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run.supernet / "log.jsonl").read_text().splitlines()]


def without_rates(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "images_per_second"} for row in log]


def tensorboard_steps(run: Run) -> list[int]:
    """The steps at which TensorBoard shows a loss, in the order of its files."""
    files_ = sorted((run.supernet / "tensorboard").glob("events*"))
    events = (event for path in files_ for event in tf.compat.v1.train.summary_iterator(str(path)))
    return [event.step for event in events for value in event.summary.value if value.tag == "loss"]


def wait_for_a_step(process: subprocess.Popen[str], run: Run, step: int) -> None:
    deadline = time.monotonic() + 200
    log = run.supernet / "log.jsonl"
    while not log.is_file() or f'"step": {step},' not in log.read_text():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.005)


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


def test_killed_damaged_and_stopped_training_is_the_same(trained: Run, tmp_path: Path) -> None:
    # Three processes: each takes far longer to start than to train, so they share what is to be seen.
    run = copy_of(trained, tmp_path)
    process = start(run)
    wait_for_a_step(process, run, 10)
    process.kill()
    process.communicate()
    *_, older, newest = checkpoint_steps(run)
    cut(run, newest)

    process = start(run)
    wait_for_a_step(process, run, 25)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output
    assert f"ckpt-{newest} is damaged and left out: " in output
    assert older == 0 or f"going on from step {older}" in output
    assert f"go on: scalenet train --run {run.path}" in output
    saved = checkpoint_steps(run)[-1]
    assert f"saved at step {saved} of {STEPS}" in output
    assert 25 <= saved < STEPS

    assert finish(run) == result(trained)
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


def test_divergence_rolls_back_once_and_then_stops_with_advice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # The rate rises by 2 a step: fine at first, hopeless soon, at half the rate too.
    run = new_run(
        tmp_path,
        "supernet.learning_rate=200000",
        "supernet.warmup_steps=100000",
        "supernet.clip_norm=1000000",
        "supernet.checkpoint_steps=1",
        "supernet.log_steps=1",
    )
    with pytest.raises(DivergedError, match=r"diverged at step \d+, again, after a roll-back"):
        train_supernet(run)
    assert "at 0.5 times the learning rate" in caplog.text
    assert not (run.supernet / "done.json").exists()


@pytest.mark.parametrize(
    ("checkpoint_steps", "expected"),
    [(10, [10, 20, 30]), (7, [10, 15, 25, 30]), (3, [5, 10, 15, 20, 25, 30]), (12, [15, 25])],
)
def test_milestones_lie_where_the_loss_was_just_judged(checkpoint_steps: int, expected: list[int]) -> None:
    config = SupernetConfig(log_steps=5, checkpoint_steps=checkpoint_steps)
    assert [step for step in range(1, 31) if is_milestone(step, config)] == expected


def first_divergence(run: Run) -> int:
    """The step at which a training first diverges; it is killed there."""
    process = start(run)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"diverged at step (\d+)", line):
                return int(found[1])
    finally:
        process.kill()
        process.communicate()
    raise AssertionError("it never diverged")


@pytest.mark.slow
def test_neither_time_nor_kills_decide_about_divergence(tmp_path: Path) -> None:
    rising = ("supernet.warmup_steps=100000", "supernet.learning_rate=15000", "supernet.clip_norm=1000000")
    # The rate rises until it is too much, whenever that is; a roll-back then leaves half of it for the rest.
    diverged = first_divergence(new_run(tmp_path / "first", *rising, "supernet.steps=400"))
    # Its milestone is half way there, at a rate that was fine: nearer, the weights may be spoilt already.
    rising += (f"supernet.steps={diverged + 10}", f"supernet.checkpoint_steps={diverged // 2 + 1}")
    whole = new_run(tmp_path / "whole", *rising)
    expected = finish(whole)
    assert expected["rollbacks"] == 1
    # Saved after each step, killed before and after the roll-back: a row of that step is written only then.
    killed = new_run(tmp_path / "killed", *rising, "supernet.checkpoint_minutes=0.000001")
    for step in (5, diverged):
        process = start(killed)
        wait_for_a_step(process, killed, step)
        process.kill()
        process.communicate()
    assert finish(killed)["weights_digest"] == expected["weights_digest"]
    assert without_rates(rows(killed)) == without_rates(rows(whole))


def test_weights_other_than_the_trained_ones_are_refused(trained: Run, tmp_path: Path) -> None:
    for pattern in ("ckpt-*", "checkpoint"):
        run = Run.open(shutil.copytree(trained.path, tmp_path / pattern.strip("-*")))
        for path in run.supernet.glob(pattern):
            path.unlink()
        with pytest.raises(
            ScaleNetError, match=r"does not hold the weights .*\. Put its files back, or move"
        ):
            load_supernet(run)
    other = new_run(tmp_path / "other", "supernet.steps=1", "seed=1")
    train_supernet(other)
    files.write_json(other.supernet / "done.json", files.read_json(trained.supernet / "done.json"))
    with pytest.raises(ScaleNetError, match="does not hold the weights that the training ended with"):
        load_supernet(other)


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

    def watched(split: str, image_size: int | None) -> Any:
        read.append(split)
        return really(split, image_size)

    monkeypatch.setattr(bundled, "_examples", watched)
    load._load.cache_clear()
    run = Run.open(shutil.copytree(trained.path, tmp_path / "run"))
    assert files.read_json(search_step(run))["cost"]["trials"] > 0
    assert sorted(read) == ["train", "validation"]
    # The watch would have seen it.
    assert open_data(run).test.count == 1000
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
