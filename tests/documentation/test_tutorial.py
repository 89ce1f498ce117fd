"""The notebook of the tutorial: its code exists, and runs from images to a served model."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer.main

import scalenet_tf
from scalenet_tf.cli.main import app
from tests.documentation.test_site import is_installed
from tests.test_docs import is_module_or_name

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
CELLS = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]
COMMANDS = [line[1:] for code in CODE for line in code.splitlines() if line.startswith("!")]
SMALLER = {"images_per_class = 600": "images_per_class = 30", 'config = "quickstart"': 'config = "smoke"'}


def test_cells_are_python_and_hold_no_results() -> None:
    for code in CODE:
        ast.parse(re.sub(r"^!.*", "", code, flags=re.M))
    assert not [cell for cell in CELLS if cell.get("outputs") or cell.get("execution_count")]


def test_names_of_the_package_exist() -> None:
    named = {name for code in CODE for name in re.findall(r"\bsn\.([a-z]\w+)", code)}
    assert "search_family" in named
    assert named <= set(scalenet_tf.__all__)
    members = {name for code in CODE for name in re.findall(r"\b(?:member|family)\.(\w+)", code)}
    known = {*vars(scalenet_tf.TrainedFamily), *vars(scalenet_tf.FamilyMember)}
    assert members and members <= known


def test_commands_and_their_options_exist() -> None:
    group = typer.main.get_command(app)
    for command in COMMANDS:
        program, *words = shlex.split(command)
        if program != "scalenet":
            assert words[0] == "-m" and is_module_or_name(words[1])
            continue
        options = {option for parameter in group.commands[words[0]].params for option in parameter.opts}  # type: ignore[attr-defined]
        assert {word for word in words if word.startswith("--")} <= options, command
    assert len(COMMANDS) >= 3


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(is_installed, ("nbclient", "nbformat", "ipykernel"))),
    reason='the extra `docs` is not installed: pip install ".[docs]"',
)
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{scripts(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    text = NOTEBOOK.read_text("utf-8")
    for line, smaller in SMALLER.items():
        assert json.dumps(line)[1:-1] in text
        text = text.replace(json.dumps(line)[1:-1], json.dumps(smaller)[1:-1])
    notebook = nbformat.reads(text, as_version=4)
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = "".join(
        output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    assert "parameters, images of" in printed
    assert "serving_default" in printed
    assert (tmp_path / "serving" / "models" / "s0" / "1" / "saved_model.pb").is_file()


def scripts(folder: Path) -> Path:
    """A folder with the two programs that cells call, of this environment."""
    import sys

    found = folder / "programs"
    found.mkdir()
    for name, module in (("scalenet", "-m scalenet_tf.cli"), ("python", "")):
        (found / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (found / name).chmod(0o755)
    assert shutil.which("scalenet", path=str(found))
    return found
