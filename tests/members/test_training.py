"""Real training on the bundled images: results, skipping, and resuming after kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import evaluate_member, train_member
from scalenet_tf.run import Run
from scalenet_tf.run.samples import read_samples
from scalenet_tf.utils import files


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(process: subprocess.Popen[bytes]) -> None:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output.decode()


def kill_after_first_epoch(process: subprocess.Popen[bytes], folder: Path) -> None:
    state = folder / "state.npz"
    deadline = time.monotonic() + 300
    while not state.is_file():
        assert process.poll() is None, process.communicate()[0].decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_training_learns_and_writes_what_it_did(trained_run: Run) -> None:
    folder = trained_run.member(0)
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    epochs = trained_run.config.members.scratch_epochs
    assert [row["epoch"] for row in rows] == list(range(1, epochs + 1))
    assert rows[-1]["loss"] < rows[0]["loss"]
    metrics = files.read_json(folder / "metrics.json")
    # Ten classes: chance is 0.1.
    assert metrics["test_accuracy"] > 0.3
    assert metrics["validation_accuracy"] == pytest.approx(rows[-1]["val_accuracy"], abs=1e-6)
    assert metrics["environment"]["seconds"] > 0
    assert not (folder / "state.npz").exists()
    architecture = files.read_json(folder / "architecture.json")
    assert architecture["labels"][9] == "Ankle boot"
    assert architecture["resolution"] == 12
    samples = read_samples(trained_run, 0)
    assert samples is not None and samples.mistakes == round(samples.images * (1 - metrics["test_accuracy"]))


def test_a_trained_member_is_not_trained_again(trained_run: Run) -> None:
    weights = trained_run.member(0) / "weights.npz"
    before = weights.stat().st_mtime_ns
    result = train_member(trained_run, 0)
    assert weights.stat().st_mtime_ns == before
    assert result.test_accuracy == files.read_json(result.folder / "metrics.json")["test_accuracy"]


def test_saved_weights_give_the_accuracy_of_metrics_json(trained_run: Run) -> None:
    evaluation = evaluate_member(trained_run, 0)
    metrics = files.read_json(trained_run.member(0) / "metrics.json")
    assert evaluation.images == 4000
    assert evaluation.accuracy == pytest.approx(metrics["test_accuracy"], abs=1e-6)


def test_another_network_in_the_folder_is_refused(trained_run: Run) -> None:
    family = files.read_json(trained_run.family_file)
    family["members"][0]["subnet"]["head_width"] += 8
    files.write_json(trained_run.family_file, family)
    with pytest.raises(ScaleNetError, match=r"holds another network than s0 of family\.json"):
        train_member(trained_run, 0)


def test_a_batch_larger_than_the_data_is_refused(scratch_run: Run) -> None:
    config = scratch_run.config
    members = config.members.model_copy(update={"batch_size": 17000})
    run = Run(scratch_run.path, config.model_copy(update={"members": members}))
    with pytest.raises(ScaleNetError, match=r"`batch_size` must be at most the 16000 images"):
        train_member(run, 0)


def test_a_diverging_training_keeps_the_last_good_epoch(scratch_run: Run) -> None:
    config, wild = scratch_run.config, {"scratch_learning_rate": 1e30, "clip_norm": 1e30}
    members = config.members.model_copy(update={**wild, "epoch_images": 800})
    run = Run(scratch_run.path, config.model_copy(update={"members": members}))
    with pytest.raises(
        ScaleNetError, match=r"the training of s0 diverged in epoch 1.*members\.learning_rate"
    ):
        train_member(run, 0)
    assert not (run.member(0) / "metrics.json").exists()


def test_killed_and_resumed_ends_as_never_stopped(
    scratch_run: Run, trained_run: Run, retrain_command: tuple[str, ...]
) -> None:
    folder, command = scratch_run.member(0), (*retrain_command, str(scratch_run.path))
    kill_after_first_epoch(start(*command), folder)
    assert not (folder / "metrics.json").exists()
    finish(start(*command))
    for name in ("weights.npz", "history.jsonl", "architecture.json"):
        assert (folder / name).read_bytes() == (trained_run.member(0) / name).read_bytes(), name
    resumed, uninterrupted = (
        files.read_json(run.member(0) / "metrics.json") for run in (scratch_run, trained_run)
    )
    del resumed["environment"], uninterrupted["environment"]
    assert resumed == uninterrupted
