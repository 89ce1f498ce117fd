"""Every switch of a recipe, stopped and resumed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scalenet_tf.run import Run


@pytest.mark.slow
def test_a_killed_member_ends_as_one_never_stopped_whatever_its_recipe(scratch_run: Run) -> None:
    command = [sys.executable, "-m", "tests.helpers.resumed_recipes", str(scratch_run.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
