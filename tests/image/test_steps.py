"""The build stage, run in an empty folder; then commands and a component with only what it installed."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.helpers.dockerfile import ROOT, run_build_stage

pytestmark = pytest.mark.slow
PACKAGES = ("scalenet_tf", "components", "pipelines")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_build_stage(tmp_path_factory.mktemp("image"))


def run(built: Path, folder: Path, *command: str) -> str:
    """What the command prints, where nothing but the image's own environment is in reach."""
    surroundings = {"PATH": f"{built}/bin:/usr/bin:/bin", "HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    result = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_holds_every_file_of_the_packages(built: Path) -> None:
    (wheel,) = (built.parent / "dist").glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(PACKAGES)}
    inside = {name for name in inside if ".dist-info/" not in name}
    present = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and file.suffix not in (".pyc", ".tmp")
    }
    assert inside == present


def test_nothing_is_left_that_builds_or_installs(built: Path) -> None:
    # `wheel` stays: TensorFlow itself needs the package.
    assert not {"pip", "pip3", "pyproject-build"} & {file.name for file in (built / "bin").iterdir()}


def test_the_command_line_runs(built: Path, tmp_path: Path) -> None:
    assert "retrain" in run(built, tmp_path, "scalenet", "--help")


def test_the_pipelines_command_line_compiles_and_checks(built: Path, tmp_path: Path) -> None:
    words = ("compile", "--target", "kubeflow", "--config", "smoke", "--output", "family.yaml")
    assert "family.yaml: valid for kubeflow" in run(built, tmp_path, "python", "-m", "pipelines", *words)
    assert "valid" in run(built, tmp_path, "python", "-m", "pipelines", "validate", "family.yaml")


def test_every_component_finds_what_it_imports(built: Path, tmp_path: Path) -> None:
    names = sorted(path.parent.name for path in (ROOT / "components").glob("*/executor.py"))
    modules = [f"components.{name}.executor" for name in names]
    # What only some of them load, and only when they run.
    modules += ["ai_edge_litert", "gcsfs", "tensorflow_model_optimization", "tf_keras"]
    assert "whole" in run(built, tmp_path, "python", "-c", f"import {', '.join(modules)}; print('whole')")


def test_the_compiled_command_of_a_component_runs(built: Path, tmp_path: Path) -> None:
    from components.example_gen.component import example_gen

    container = example_gen.component_spec.implementation.container
    assert container is not None
    examples = {"name": "examples", "type": {"schemaTitle": "system.Dataset"}, "uri": str(tmp_path / "out")}
    given = {
        "inputs": {"parameterValues": {"config": "smoke"}},
        "outputs": {
            "artifacts": {"examples": {"artifacts": [examples]}},
            "outputFile": str(tmp_path / "executor_output.json"),
        },
    }
    arguments = ["--executor_input", json.dumps(given), "--function_to_execute", "example_gen"]
    run(built, tmp_path, *container.command, *arguments)
    output = json.loads((tmp_path / "executor_output.json").read_text("utf-8"))
    (artifact,) = output["artifacts"]["examples"]["artifacts"]
    assert artifact["metadata"]["tfx_type"] == "Examples"
    assert list((tmp_path / "out" / "Split-train").glob("*"))


def test_the_shipped_configurations_and_images_are_there(built: Path, tmp_path: Path) -> None:
    code = "import scalenet_tf as sn; print(sn.load_config('smoke').seed)"
    assert run(built, tmp_path, "python", "-c", code).strip().isdigit()
