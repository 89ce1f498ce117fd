"""A tiny run, its training in a process of its own, and what that leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tensorflow as tf

from scalenet_tf.config import load_config
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from tests.helpers.networks import TINY_SPACE
from tests.helpers.optimisation import UNOPTIMISED

STEPS = 40


def new_run(folder: Path, *overrides: str) -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    space = files.write_text(folder / "tiny.yaml", TINY_SPACE)
    small = [f"supernet.steps={STEPS}", "supernet.checkpoint_steps=7", "supernet.log_steps=5"]
    return Run.open_or_create(folder / "run", load_config("smoke", [f"space={space}", *small, *overrides]))


def start(run: Run) -> subprocess.Popen[str]:
    code = f"{UNOPTIMISED}from scalenet_tf.cli.main import main; main()"
    command = [sys.executable, "-c", code, "train", "--run", str(run.path)]
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
