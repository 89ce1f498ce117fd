from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.search.journal import Journal
from scalenet_tf.utils import files
from tests.helpers.many_searchers import CASES
from tests.helpers.tiny_search import CONFIRMED, new_run, search

# Keras Tuner imports TensorFlow, in another process again: over 20 s with other work on the machine.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distributed")
    search(new_run(folder / "run", config=CONFIRMED))
    command = [sys.executable, "-m", "tests.helpers.many_searchers", str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, timeout=600, stdout=subprocess.PIPE, text=True)
    files.write_text(folder / "printed.txt", done.stdout)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.mark.parametrize("killed", CASES)
def test_a_chief_and_three_workers_find_what_one_process_finds(folder: Path, killed: str) -> None:
    alone, many = (path / "search" for path in (folder / "run", folder / killed / "run"))
    results = [files.read_json(path / "result.json") for path in (alone, many)]
    assert {**results[0], "environment": 0} == {**results[1], "environment": 0}
    rows = [Journal(path / "trials.jsonl").read() for path in (alone, many)]
    assert sorted(map(str, rows[0])) == sorted(map(str, rows[1]))
    assert results[0]["cost"]["confirmation"]["trials"] > 3


def test_a_worker_with_another_super_supernet_does_not_join(folder: Path) -> None:
    printed = (folder / "printed.txt").read_text()
    text = (
        "stranger: the chief searches with another super-supernet: '0123456789abcdef'. Received: "
        "'ffffffffffffffff'. Give this worker the chief's run, or a whole copy of it. This worker does not "
        "join it."
    )
    assert printed.count(text) == len(CASES)
