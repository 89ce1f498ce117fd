"""Real training of a tiny super-supernet: killed, stopped, diverging; resumed as the very same run."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from conftest import TINY_SPACE

from scalenet_tf import files
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.training import load_supernet, train_supernet

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
    assert {row["step"] for row in log} == {*range(5, STEPS + 1, 5), *range(7, STEPS + 1, 7)}
    assert log[-1]["loss"] < log[0]["loss"]
    assert {stage for row in log for stage in row["stage_loss"]} == {"0", "1", "2"}
    assert all(row["images_per_second"] > 0 for row in log)
    assert list((trained.supernet / "tensorboard").glob("events*"))
    assert files.read_json(trained.path / "data.json")["classes"] == 10


def test_a_trained_supernet_is_loaded_and_not_trained_again(trained: Run) -> None:
    from scalenet_tf.supernet import weights_digest

    assert weights_digest(load_supernet(trained)) == result(trained)["weights_digest"]
    before = (trained.supernet / "done.json").stat().st_mtime_ns
    train_supernet(trained)
    assert (trained.supernet / "done.json").stat().st_mtime_ns == before


def test_killed_and_resumed_training_is_the_same(trained: Run, tmp_path: Path) -> None:
    run = copy_of(trained, tmp_path)
    for step in (10, 25):
        process = start(run)
        wait_for_a_step(process, run, step)
        process.kill()
        process.communicate()
    assert finish(run) == result(trained)
    assert [(r["step"], r["loss"], r["stage_accuracy"]) for r in rows(run)][-1] == [
        (r["step"], r["loss"], r["stage_accuracy"]) for r in rows(trained)
    ][-1]


def test_sigterm_saves_and_says_how_to_go_on(trained: Run, tmp_path: Path) -> None:
    run = copy_of(trained, tmp_path)
    process = start(run)
    wait_for_a_step(process, run, 10)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output
    assert f"go on: scalenet train --run {run.path}" in output
    saved = int(tf.train.latest_checkpoint(str(run.supernet)).rpartition("-")[2])
    assert f"saved at step {saved} of {STEPS}" in output
    assert 10 <= saved < STEPS
    assert finish(run) == result(trained)


def copy_of(trained: Run, folder: Path) -> Run:
    """A run of the same configuration that has not begun."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(trained.path, folder / "run", ignore=lambda *_: ["supernet"])
    return Run.open(folder / "run")


def test_divergence_rolls_back_once_and_then_stops_with_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
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
    with pytest.raises(ScaleNetError, match=r"diverged at step \d+, again, after a roll-back"):
        train_supernet(run)
    assert "at 0.5 times the learning rate" in capsys.readouterr().out
    assert not (run.supernet / "done.json").exists()


def test_an_untrained_supernet_cannot_be_loaded(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(ScaleNetError, match=r"is not trained yet\. Train it with: scalenet train --run"):
        load_supernet(run)
