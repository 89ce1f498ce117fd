"""The command line as a user meets it: texts, exit codes, streams."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from scalenet_tf.cli.interrupt import quoted, resumable
from scalenet_tf.cli.main import main
from scalenet_tf.run import Run
from scalenet_tf.stopping import Terminated

COMMANDS = (
    "run",
    "train",
    "search",
    "best",
    "scale",
    "retrain",
    "export",
    "evaluate",
    "predict",
    "report",
    "info",
)


def scalenet(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Calls the command in this process; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["scalenet", *arguments])
    before = signal.getsignal(signal.SIGTERM)
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def test_help_names_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "--help") == 0
    text = capsys.readouterr().out
    assert all(f" {command} " in text for command in COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS[:-1], "info space", "info run", "info config", "info data"])
def test_every_command_shows_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, *command.split(), "--help") == 0
    assert f"Example: scalenet {command}" in capsys.readouterr().out


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import scalenet_tf

    assert scalenet(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"scalenet {scalenet_tf.__version__}\n"


def test_a_users_error_is_one_message_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert scalenet(monkeypatch, "search", "--run", str(tmp_path)) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("scalenet: `run` must be the directory of a run")
    assert "Begin one with: scalenet train" in streams.err
    assert "Traceback" not in streams.err


def test_an_unknown_key_names_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code = scalenet(
        monkeypatch, "train", "--run", str(tmp_path / "r"), "--config", "smoke", "--set", "search.round=3"
    )
    assert code == 2
    assert "unknown key `search.round`" in (text := capsys.readouterr().err)
    assert "Did you mean 'rounds'?" in text
    assert not (tmp_path / "r").exists()


def test_steps_say_what_comes_before_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], searched_run: Run
) -> None:
    assert scalenet(monkeypatch, "export", "--run", str(searched_run.path)) == 2
    assert f"Settle the family with: scalenet scale --run {searched_run.path}" in capsys.readouterr().err


def test_each_step_prints_the_next_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], searched_run: Run
) -> None:
    assert scalenet(monkeypatch, "scale", "--run", str(searched_run.path)) == 0
    assert capsys.readouterr().out.endswith(f"next: scalenet retrain --run {searched_run.path}\n")
    assert searched_run.family_file.is_file()


def test_report_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], finished_run: Run
) -> None:
    assert scalenet(monkeypatch, "report", "--run", str(finished_run.path)) == 0
    assert capsys.readouterr().out == f"report: {finished_run.report_file}\n"


@pytest.mark.parametrize(("interrupt", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_an_interruption_says_how_to_go_on(
    interrupt: type[BaseException], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as end, resumable("train", Path("runs/my run")):
        raise interrupt
    assert end.value.exit_code == code
    assert capsys.readouterr().err.endswith("go on: scalenet train --run 'runs/my run'\n")


def test_a_real_sigterm_ends_a_step_with_143(tmp_path: Path) -> None:
    code = f"""
import pathlib, time, typer
from scalenet_tf.cli.interrupt import raise_on_sigterm, resumable

def step() -> None:
    with resumable("train", pathlib.Path({str(tmp_path)!r})):
        print("working", flush=True)
        time.sleep(60)

raise_on_sigterm()
typer.run(step)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True, env=os.environ)
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 143
    assert time.monotonic() - begun < 10
    assert f"go on: scalenet train --run {tmp_path}" in error
    assert "Traceback" not in error


def test_paths_are_quoted_for_a_shell() -> None:
    assert quoted(Path("a b/c")) == "'a b/c'"
    assert quoted(Path("a/c")) == "a/c"
