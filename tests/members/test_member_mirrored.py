"""A member trained by two replicas, on two logical devices of this machine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scalenet_tf import files
from scalenet_tf.members import evaluate_member
from scalenet_tf.run import Run

MIRRORED = """
import sys
import tensorflow as tf
[cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from scalenet_tf.members import train_member
from scalenet_tf.run import Run
train_member(Run.open(sys.argv[1]), 0)
"""


@pytest.mark.slow
def test_two_replicas_train_one_member(scratch_run: Run) -> None:
    config = scratch_run.config.model_copy(update={"strategy": "mirrored"})
    files.write_text(scratch_run.path / "config.yaml", config.to_yaml())
    command = [sys.executable, "-c", MIRRORED, str(scratch_run.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    history = [json.loads(row) for row in (scratch_run.member(0) / "history.jsonl").read_text().splitlines()]
    assert history[-1]["loss"] < history[0]["loss"]
    metrics = files.read_json(scratch_run.member(0) / "metrics.json")
    assert metrics["test_accuracy"] > 0.3
    # Half batches round otherwise than whole ones: an image or two of the thousand may lie on the edge.
    assert evaluate_member(scratch_run, 0).accuracy == pytest.approx(metrics["test_accuracy"], abs=2.5e-3)
