"""The first line of every step: before TensorFlow, which takes seconds to load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from scalenet_tf.run import Run

# Every command ends where it would load TensorFlow.
COMMANDS = """
import json, sys
sys.modules["tensorflow"] = None
from scalenet_tf.cli.main import main
for words in json.load(sys.stdin):
    sys.argv = ["scalenet", *words]
    try:
        main()
    except ImportError as error:
        print("== tensorflow", flush=True)
    except SystemExit as end:
        print("== ended", end.code, flush=True)
"""


def test_every_step_says_what_it_does_before_it_loads_tensorflow(family_run: Run, tmp_path: Path) -> None:
    run = str(family_run.path)
    photos = tmp_path / "photos"
    photos.mkdir()
    new, member = f"{tmp_path}/new", f"transfer --run {run} --stage 0"
    expected = {
        f"train --run {run}": f"{run}: super-supernet training",
        f"search --run {run}": f"{run}: joint search of base and scaling",
        f"retrain --run {run}": f"{run}: training of the members",
        f"export --run {run}": f"{run}: SavedModels",
        f"run --run {run}": f"{run}: 2 of 6 steps are done",
        f"run --run {new} --config smoke --dry-run": f"a dry run of {new}: nothing will be written",
        f"run --run {new} --data {photos}": f"looking at the images of {photos} to choose a configuration",
        f"info data {photos}": f"reading {photos}",
        f"{member} --data {photos} --output {new}": f"S0 of {run} is fine-tuned on {photos}",
    }
    calls = json.dumps([words.split() for words in expected])
    result = subprocess.run([sys.executable, "-c", COMMANDS], input=calls, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    printed = result.stdout.split("== tensorflow\n")[:-1]
    assert [text.splitlines()[0] for text in printed] == list(expected.values())
    assert not (tmp_path / "new").exists()
