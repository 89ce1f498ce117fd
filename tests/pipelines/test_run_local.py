"""The whole pipeline on this machine with real training: interrupted, resumed, from the cache, failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scalenet_tf.utils import files

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SHORT = ("--members", "2", "--set", "scale.extra_stages=0", "--set", "supernet.steps=60")


def begin(root: Path, *words: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "pipelines",
        "run-local",
        "--config",
        "smoke",
        "--root",
        str(root),
        *words,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def steps(root: Path) -> dict[str, str]:
    newest = max((root / "logs").iterdir())
    rows: list[dict[str, Any]] = files.read_json(newest / "steps.json")["steps"]
    return {row["step"]: row["outcome"] for row in rows}


def wait_for(root: Path, pattern: str, text: str, process: subprocess.Popen[str]) -> None:
    """Until a file in the scratch folder holds the text."""
    end = time.monotonic() + 300
    while not any(text in path.read_text("utf-8", "ignore") for path in root.glob(f"scratch/{pattern}")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.timeout(1500)
def test_interrupted_and_killed_runs_go_on_and_a_finished_one_comes_from_the_cache(tmp_path: Path) -> None:
    interrupted = begin(tmp_path, *SHORT)
    wait_for(tmp_path, "supernet_trainer-*/run/supernet/ckpt-10.index", "", interrupted)
    interrupted.send_signal(signal.SIGTERM)
    output, _ = interrupted.communicate(timeout=120)
    assert interrupted.returncode == 143, output
    assert "the same command continues" in output.splitlines()[-1]
    assert steps(tmp_path)["supernet-trainer"] == "failed"

    killed = begin(tmp_path, *SHORT)
    wait_for(tmp_path, "joint_search-*/run/search/trials.jsonl", '"score"', killed)
    killed.kill()
    output, _ = killed.communicate(timeout=60)  # nobody is left who could hold the pipe
    assert "supernet-trainer | resumed" in output

    again = begin(tmp_path, *SHORT)
    output, _ = again.communicate(timeout=550)
    assert again.returncode == 0, output
    assert "joint-search | resumed" in output and steps(tmp_path)["supernet-trainer"] == "cached"
    assert steps(tmp_path)["example-gen"] == "cached" and steps(tmp_path)["pusher S1"] == "done"
    assert {path.name for path in (tmp_path / "served").iterdir()} == {"s0", "s1"}

    third = begin(tmp_path, *SHORT)
    output, _ = third.communicate(timeout=200)
    assert third.returncode == 0, output
    # What looks at the source and at the models that serve, and the report of what it saw.
    assert {name for name, outcome in steps(tmp_path).items() if outcome == "done"} == {
        "source-fingerprint",
        "evaluator S0",
        "evaluator S1",
        "infra-validator S0",
        "infra-validator S1",
        "pusher S0",
        "pusher S1",
        "report-gen",
    }
    assert [path.name for path in (tmp_path / "served" / "s0").iterdir()] == ["1"]


def test_poisoned_images_end_the_run_and_mended_ones_are_seen(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for label in ("bag", "shoe"):
        (tmp_path / "images" / label).mkdir(parents=True)
        for number in range(30):
            pixels = random.integers(0, 256, (28, 28), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / label / f"{number}.png")
    twice = (tmp_path / "images" / "bag" / "0.png").read_bytes()
    for number in range(12):
        files.write_bytes(tmp_path / "images" / "bag" / f"again{number}.png", twice)

    def fail(*words: str) -> str:
        run = begin(tmp_path / "run", "--data", f"folder:{tmp_path / 'images'}", *words)
        output, _ = run.communicate(timeout=300)
        assert run.returncode == 1, output
        return output[output.index("pipelines: example-validator failed: ") :]

    for examples in ("done", "cached"):
        last = fail()
        assert "leak: 1 images stand in several splits" in last and "Traceback" not in last
        assert steps(tmp_path / "run") == {
            "source-fingerprint": "done",
            "example-gen": examples,
            "example-validator": "failed",
        }
    for path in (tmp_path / "images" / "bag").glob("again*.png"):
        path.unlink()
    last = fail("--min-class-images", "1000")
    assert "small class: train has fewer than 1000 images of" in last and "leak:" not in last
    assert steps(tmp_path / "run")["example-gen"] == "done"
