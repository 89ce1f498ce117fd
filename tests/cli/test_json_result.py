"""`--json` and `-h` of every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from scalenet_tf.cli.json_result import write_result
from scalenet_tf.cli.main import app
from scalenet_tf.config import RunConfig
from scalenet_tf.report import page
from scalenet_tf.run import Run
from scalenet_tf.space import Scaling
from tests.helpers.called import scalenet
from tests.helpers.trials import write_trials

# Its result is the artifacts; its lines are those of the steps.
WITHOUT_RESULT = {"pipelines run-local"}


def commands() -> Iterator[tuple[str, Any]]:
    """Every command of `scalenet`, with the words that call it."""

    def below(group: Any, words: str) -> Iterator[tuple[str, Any]]:
        context = typer.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if hasattr(command, "list_commands"):
                yield from below(command, f"{words}{name} ")
            else:
                yield f"{words}{name}", command

    yield from below(typer.main.get_command(app), "")


def test_every_command_has_json() -> None:
    found = dict(commands())
    assert len(found) > 25
    options = {
        words: {name for part in command.params for name in part.opts} for words, command in found.items()
    }
    assert {words for words, names in options.items() if "--json" not in names} == WITHOUT_RESULT


@pytest.mark.parametrize("words", [words for words, _ in commands()] + ["", "info", "profile", "pipelines"])
def test_every_command_and_group_takes_h(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, *words.split(), "-h") == 0
    assert "Usage: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "info space small",
        "info config search",
        "info recipe regularized",
        "info family",
        "info run RUN",
        "runs FOLDER",
        "best --run RUN --stage S1 --count 2",
        "scale --run RUN",
        "report --run RUN",
    ],
)
def test_stdout_holds_one_object_of_the_documented_shape(
    command: str,
    finished_run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"RUN": str(finished_run.path), "FOLDER": str(finished_run.path.parent)}
    words = [places.get(word, word) for word in command.split()]
    if words[0] == "best":
        write_trials(finished_run)
    assert scalenet(monkeypatch, *words, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["schema", "command", "result"] and answer["schema"] == 1
    assert command.startswith(answer["command"])
    assert answer["result"]


def test_commands_on_a_run_print_the_same_result(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = []
    for words in (("info", "run", str(finished_run.path)), ("scale", "--run", str(finished_run.path))):
        assert scalenet(monkeypatch, *words, "--json") == 0
        results.append(json.loads(capsys.readouterr().out)["result"])
    assert results[0] == results[1]
    result = results[0]
    assert result["steps"]["report"] == "not started" and result["report"] is None
    assert result["continue"] == f"scalenet run --run {finished_run.path}"
    (largest,) = [member for member in result["family"] if member["name"] == "s3"]
    assert largest["test_accuracy"] == pytest.approx(0.8734)
    assert set(largest["scaling"]) == {"depth", "width", "resolution"}
    assert largest["saved_model"] == str(finished_run.member(3) / "saved_model" / "1")


def test_what_libraries_print_goes_to_stderr(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def write_report(*arguments: Any) -> Any:
        print("View run at http://host/mlflow")
        return page.write_report(*arguments)

    monkeypatch.setattr("scalenet_tf.report.write_report", write_report)
    assert scalenet(monkeypatch, "report", "--run", str(finished_run.path), "--json") == 0
    written = capsys.readouterr()
    assert json.loads(written.out)["command"] == "report" and "View run at" in written.err
    print("after the command")
    assert capsys.readouterr().out == "after the command\n"


def test_every_value_becomes_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_result(
        "test",
        {"path": Path("caf\udce9"), "nan": float("nan"), "scaling": Scaling.of(1.2, 1.1, 24), 3: (1, 2)},
    )
    assert json.loads(capsys.readouterr().out)["result"] == {
        "path": "caf\udce9",
        "nan": None,
        "scaling": {"depth_thousandths": 1200, "width_thousandths": 1100, "resolution": 24},
        "3": [1, 2],
    }


def test_an_error_leaves_stdout_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "info", "run", str(tmp_path), "--json") == 2
    streams = capsys.readouterr()
    assert streams.out == "" and "must be the directory of a run" in streams.err


def test_the_configuration_is_complete_in_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "info", "config", "--json") == 0
    keys = json.loads(capsys.readouterr().out)["result"]
    assert {key["key"].split(".")[0] for key in keys} == set(RunConfig.model_fields)
