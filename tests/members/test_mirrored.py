"""A member trained by two replicas, on two logical devices of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.config import load_config, override_config
from scalenet_tf.members import evaluate_member
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from tests.helpers.teaching import knowing_model, places_run, write_places

AVERAGED = ["ema_decay=0.5", "dropout=0.1", "stochastic_depth=0.1", "precision=mixed_float16", "mixup=0.1"]


def train(run: Run, *changes: str, strategy: str = "mirrored") -> subprocess.CompletedProcess[str]:
    config = override_config(
        run.config, [f"strategy={strategy}", *(f"members.{change}" for change in changes)]
    )
    files.write_text(run.path / "config.yaml", config.to_yaml())
    command = [sys.executable, "-m", "tests.helpers.mirrored_recipe", str(run.path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [[], AVERAGED])
def test_two_replicas_train_one_member(scratch_run: Run, changes: list[str]) -> None:
    done = train(scratch_run, *changes)
    assert done.returncode == 0, done.stderr
    history = [json.loads(row) for row in (scratch_run.member(0) / "history.jsonl").read_text().splitlines()]
    assert history[-1]["loss"] < history[0]["loss"]
    metrics = files.read_json(scratch_run.member(0) / "metrics.json")
    assert metrics["test_accuracy"] > (0.15 if changes else 0.3)
    assert evaluate_member(scratch_run, 0).accuracy == pytest.approx(metrics["test_accuracy"], abs=1e-6)


@pytest.mark.slow
def test_two_replicas_learn_from_a_teacher_as_one_does(tmp_path: Path) -> None:
    knowing_model().save(tmp_path / "net.keras")
    images = write_places(tmp_path / "images", 40)
    keys = [f"members.teacher={tmp_path / 'net.keras'}", "members.batch_size=16", "members.epoch_images=null"]
    losses = []
    for strategy in ("one_device", "mirrored"):
        run = places_run(tmp_path / strategy, load_config("smoke"), images, keys)
        done = train(run, "scratch_epochs=2", "scratch_learning_rate=0.01", strategy=strategy)
        assert done.returncode == 0, done.stderr
        rows = (run.member(0) / "history.jsonl").read_text().splitlines()
        losses.append([json.loads(row)["loss"] for row in rows])
    # Not equal: each replica normalises its own half of a batch.
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


@pytest.mark.slow
def test_accumulation_on_several_devices_is_refused(scratch_run: Run) -> None:
    done = train(scratch_run, "gradient_accumulation_steps=2")
    assert "`members.gradient_accumulation_steps` must be 1 on several devices" in done.stderr
