"""The command lines of studies and benchmarks: help, names of modules, tables from the repository's data."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from studies.common.cli import run_app

ROOT = Path(__file__).resolve().parents[2]
STUDIES = (
    *("families", "search_methods", "supernet_training", "supernet_ranking"),
    *("extrapolation", "nas_bench_macro", "recipes"),
)
TABLE_STUDIES = ("scaling_rules",)  # studies of tables that others made: nothing to run or to pack
SCRIPTS = [
    "studies.compression_accuracy",
    *(f"benchmarks.{name}" for name in ("allocator", "compression_latency", "count_models")),
    *(f"benchmarks.{name}" for name in ("determinism", "engine")),
    *(f"benchmarks.engine.{name}" for name in ("step_alternatives", "step_profile", "two_at_a_time")),
    *(f"benchmarks.{name}" for name in ("export_latency", "input_pipeline", "search")),
]
SOURCES = [path for folder in ("studies", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
RESULTS = sorted((ROOT / "docs/results").glob("*.md"))
TEXTS = [*SOURCES, *RESULTS, ROOT / "studies/README.md", ROOT / "docs/explanation/architecture.md"]
MODULE = re.compile(r"python -m ((?:studies|benchmarks)(?:\.[a-z]\w*)+)")


def test_no_module_changes_the_path() -> None:
    assert len(SOURCES) > 70
    assert not [path.name for path in SOURCES if "sys.path" in path.read_text()]


def test_modules_that_are_imported_exist() -> None:
    # mypy takes a module of ours that is not there for a package without types.
    pattern = re.compile(r"^ *from ((?:studies|benchmarks|scalenet_tf)[\w.]*) import", re.MULTILINE)
    imported = {module for path in SOURCES for module in pattern.findall(path.read_text())}
    assert len(imported) > 50
    for module in imported:
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or place.is_dir(), module


def test_every_script_is_tried() -> None:
    scripts = {path for path in SOURCES if 'if __name__ == "__main__"' in path.read_text()}
    for path in scripts:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
        study = module.removeprefix("studies.") in (*STUDIES, *TABLE_STUDIES)
        assert study or module in SCRIPTS or path.name == "child.py", module


def test_commands_that_are_named_exist() -> None:
    named = {module for path in TEXTS for module in MODULE.findall(path.read_text())}
    assert {*SCRIPTS, *(f"studies.{study}" for study in (*STUDIES, *TABLE_STUDIES))} <= named
    for module in named:
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module


@pytest.mark.parametrize("study", [*STUDIES, *TABLE_STUDIES])
def test_every_command_of_a_study_has_help_with_an_example(study: str) -> None:
    app = importlib.import_module(f"studies.{study}.__main__").app
    text = help_of(app)
    assert f"python -m studies.{study}" in text
    commands = re.findall(r"^  (\w+)  ", text.partition("Commands:")[2], re.MULTILINE)
    assert set(commands) >= ({"report"} if study in TABLE_STUDIES else {"pack", "unpack", "report"})
    for command in commands:
        assert f"Example: python -m studies.{study} {command}" in help_of(app, command)


@pytest.mark.parametrize("module", SCRIPTS)
def test_every_script_has_help_with_an_example(module: str) -> None:
    place = module if (ROOT / f"{module.replace('.', '/')}.py").is_file() else f"{module}.__main__"
    app = typer.Typer(rich_markup_mode=None)
    app.command()(importlib.import_module(place).main)
    assert f"Example: python -m {module}" in help_of(app)


def help_of(app: typer.Typer, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0 and str(ROOT) not in done.output
    # Long examples are wrapped.
    return done.output if "Commands:" in done.output else " ".join(done.output.split())


def run_command(command: list[str], seconds: int = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )


def commands_of_readme() -> list[str]:
    """The commands that print tables in seconds."""
    text = (ROOT / "studies/README.md").read_text()
    part = text.partition("without TensorFlow:")[2].partition("This one")[0]
    return [line.strip() for line in part.splitlines() if line.startswith("    ")]


# Rows that the pages of docs/results/ have: not all of the narrow space.
ROWS = list(zip(commands_of_readme(), (42, 32, 24, 19, 20, 13, 6, 6, 16, 42), strict=True))


@pytest.mark.parametrize(("command", "rows"), ROWS)
def test_the_tables_of_the_results_come_from_the_data_without_tensorflow(command: str, rows: int) -> None:
    code = (
        "import runpy, sys\nsys.argv = sys.argv[1:]\n"
        "try: runpy.run_module(sys.argv[0], run_name='__main__')\n"
        "finally: assert 'tensorflow' not in sys.modules"
    )
    done = run_command(["-c", code, *shlex.split(command)[2:]])
    assert done.returncode == 0, done.stderr
    results = "\n".join(page.read_text() for page in RESULTS)
    found = [row for row in done.stdout.splitlines() if row.startswith("| ") and f"\n{row}\n" in results]
    assert len(found) >= rows, done.stdout


@pytest.mark.parametrize("study", STUDIES)
def test_an_error_that_a_user_can_fix_is_one_line(
    study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"studies.{study}.__main__")
    assert Path(str(module.__file__)).read_text().endswith('\nif __name__ == "__main__":\n    run_app(app)\n')
    monkeypatch.setattr(sys, "argv", [study, "report", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        run_app(module.app)
    # Python prints the text of an exit, and ends with 1.
    error = end.value.code
    assert isinstance(error, str) and "\n" not in error
    assert error.startswith("error: a study is a folder with a study.json, or a packed .jsonl file. Received")
    assert f"Start one with: python -m studies.{study} " in error
    said = capsys.readouterr()
    assert not said.out and not said.err


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_allocators_benchmark_writes_its_rows(tmp_path: Path) -> None:
    output = tmp_path / "allocator.json"
    options = ["--only", "member", "--pairs", "1", "--steps", "1", "--output", str(output)]
    done = run_command(["-m", "benchmarks.allocator", *options], seconds=800)
    assert done.returncode == 0, done.stderr
    result = json.loads(output.read_text())
    assert result["rows"] and result["device"]["cpus"] == os.cpu_count()
