"""`python -m pipelines`: help, exit codes, files, rehearsals."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app, main
from scalenet_tf.utils import files

IMAGE = ["--target-set", "image=registry.example/scalenet-tf-python:abc"]


def run_main(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["pipelines", *words])
    with pytest.raises(SystemExit) as caught:
        main()
    code: int = caught.value.code  # type: ignore[assignment]
    return code


@pytest.mark.parametrize("command", ["run-local", "compile", "submit", "schedule", "validate"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert f"Example: scalenet pipelines {command}" in result.output


@pytest.mark.parametrize("command", ["run-local", "compile", "submit", "schedule"])
def test_the_shared_options_are_those_of_every_command(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    for option in (
        "--config",
        "--data",
        "--members",
        "--compress",
        "--max-leaks",
        "--min-accuracy",
        "--push",
        "--target-set",
    ):
        assert option in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run-local", "--config", "smok"], "`config` must be one of"),
        (["run-local", "--compress", "int8"], "`method` must be one of ['ptq-int8'"),
        (["run-local", "--target", "vertex"], "`--target` must be a local one here"),
        (["run-local", "--root", "runs/python3.11"], "`pipeline_root` must not hold the word python3"),
        (
            ["compile", "--target", "local", "--output", "x.yaml"],
            "`--target` must be kubeflow or vertex here",
        ),
        (["compile", "--target", "kubeflow", "--output", "x.yml"], "`output` must end in .yaml"),
        (["submit", "--target", "kubeflow", "--push", "m"], "`destination` must be a URL"),
        (
            ["submit", "--target", "kubeflow", "--push", "gs://b/m"],
            "`image` must be one that kubeflow can pull",
        ),
        (
            ["schedule", "--target", "kubeflow", "--push", "gs://b/m", *IMAGE, "--cron", "daily"],
            "`cron` must have",
        ),
        (["validate", "none.yaml"], "`file` 'none.yaml' cannot be read as YAML"),
    ],
)
def test_mistakes_exit_with_2_before_anything_runs(
    words: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_main(monkeypatch, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("pipelines: ")
    assert message in error
    assert not list(tmp_path.iterdir())


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec

    def without_kfp(name: str, package: str | None = None) -> Any:
        return None if name == "kfp" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_kfp)
    assert run_main(monkeypatch, "run-local") == 2
    assert 'needs kfp, which is not installed. Install it with: pip install "scalenet-tf[pipelines]"' in (
        capsys.readouterr().err
    )


def test_a_rehearsal_prints_the_calls_and_a_wrong_file_is_refused(tmp_path: Path) -> None:
    words = ["submit", "--target", "kubeflow", "--config", "smoke", "--push", "gs://b/m", *IMAGE, "--dry-run"]
    result = CliRunner().invoke(app, [*words, "--name", "first", "--min-accuracy", "0.9"])
    assert result.exit_code == 0, result.output
    assert 'run_name="first"' in result.output and '"accuracy": 0.9' in result.output
    wrong = files.write_text(tmp_path / "wrong.yaml", "root: {}\n")
    result = CliRunner().invoke(app, ["validate", str(wrong)])
    assert "root: it holds no tasks" in str(result.exception)
