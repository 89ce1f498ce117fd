from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import many_searchers
import pytest
from tiny_search import new_run, search

from scalenet_tf import files
from scalenet_tf.search.journal import Journal


@pytest.mark.slow  # Keras Tuner's chief looks only every 20 seconds whether the last worker has left
@pytest.mark.parametrize("kills", [0, 4])
def test_a_chief_and_two_workers_find_what_one_process_finds(tmp_path: Path, kills: int) -> None:
    search(alone := new_run(tmp_path / "alone"))
    command = [sys.executable, str(Path(many_searchers.__file__)), str(tmp_path / "many"), str(kills)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, check=True, env=environment, timeout=300)
    results = [files.read_json(tmp_path / name / "search" / "result.json") for name in ("alone", "many")]
    assert {**results[0], "environment": 0} == {**results[1], "environment": 0}
    rows = [Journal(tmp_path / name / "search" / "trials.jsonl").read() for name in ("alone", "many")]
    assert sorted(map(str, rows[0])) == sorted(map(str, rows[1]))
    assert alone.search.is_dir()
