"""The main job up to the family, killed at random moments: the same family as if nothing had happened."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.run import Run
from scalenet_tf.utils import files

CODE = """
import sys
import scalenet_tf as sn
from scalenet_tf import steps
run = sn.Run.open(sys.argv[1])
steps.train(run)
steps.search(run)
steps.scale(run)
"""


def start(run: Run) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CODE, str(run.path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(run: Run) -> dict[str, Any]:
    process = start(run)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    return family_of(run)


def family_of(run: Run) -> dict[str, Any]:
    return {key: value for key, value in files.read_json(run.family_file).items() if key != "environment"}


def new_run(folder: Path, seed: int = 0) -> Run:
    return Run.open_or_create(folder, load_config("smoke", [f"seed={seed}"]))


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_ten_kills_change_nothing_and_the_seed_decides(tmp_path: Path) -> None:
    family = finish(new_run(tmp_path / "whole"))
    killed = new_run(tmp_path / "killed")
    moments = random.Random(7)
    kills = 0
    while kills < 10:
        process = start(killed)
        try:
            # From before TensorFlow is there to well into the step at hand.
            process.communicate(timeout=moments.uniform(4, 24))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
        else:
            assert process.returncode == 0
            assert family_of(killed) == family
            # All done before ten kills: the rest falls on a fresh start of the same run.
            killed = new_run(tmp_path / f"killed after {kills}")
    assert finish(killed) == family
    assert finish(new_run(tmp_path / "again")) == family
    assert finish(new_run(tmp_path / "other", seed=1))["base"] != family["base"]
