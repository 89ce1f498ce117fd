"""The command line as a user meets it: texts, exit codes, streams."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scalenet_tf.cli.main import main
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.utils.signals import Terminated
from tests.helpers.trials import write_trials

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
    assert "Start one with: scalenet train" in streams.err
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
    assert f"Write it with: scalenet scale --run {searched_run.path}" in capsys.readouterr().err


def test_more_rounds_are_checked_before_tensorflow_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], searched_run: Run
) -> None:
    command = ("search", "--run", str(searched_run.path), "--rounds")
    assert scalenet(monkeypatch, *command, "9", "--worker", "w1") == 2
    assert "give it to the chief. Received: --rounds 9 with --worker 'w1'" in capsys.readouterr().err
    has = searched_run.config.search.rounds
    assert has > 1 and scalenet(monkeypatch, *command, "1") == 2
    assert f"`rounds` must be at least the {has} that the run" in capsys.readouterr().err


def test_variables_of_another_job_are_named_before_anything_is_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], searched_run: Run
) -> None:
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "10.0.0.7")
    for command in ("run", "search"):
        assert scalenet(monkeypatch, command, "--run", str(searched_run.path)) == 2
        assert "sets KERASTUNER_ORACLE_IP=10.0.0.7, but not KERASTUNER_TUNER_ID" in capsys.readouterr().err


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
    printed = capsys.readouterr().out
    assert printed.startswith("recommended: S2. S2 is the smallest member")
    assert printed.endswith(f"\nreport: {finished_run.report_file}\n")
    assert "<h2>Load S2</h2>" in finished_run.report_file.read_text()
    limits = ("--max-latency-ms", "2.6", "--max-bytes", "1e6")
    assert scalenet(monkeypatch, "report", "--run", str(finished_run.path), *limits) == 0
    assert "Recommended within 2.6 ms for one image and 1 MB" in finished_run.report_file.read_text()
    assert "recommended: S1. S1 has the best" in capsys.readouterr().out
    assert scalenet(monkeypatch, "report", "--run", str(finished_run.path), "--max-latency-ms", "0.1") == 0
    assert capsys.readouterr().out.startswith("recommended: none. No member is within 0.1 ms")
    assert scalenet(monkeypatch, "report", "--run", str(finished_run.path), "--max-bytes", "0") == 2
    assert "`max_bytes` must be more than 0. Received: 0" in capsys.readouterr().err


@pytest.mark.parametrize(("interrupt", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
@pytest.mark.parametrize(
    ("command", "function"),
    [("export", "scalenet_tf.steps.export"), ("report", "scalenet_tf.steps.report")],
)
def test_an_interruption_exits_as_a_shell_expects(
    interrupt: type[BaseException],
    code: int,
    command: str,
    function: str,
    family_run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise interrupt

    monkeypatch.setattr(function, interrupted)
    stage = ["--stage", "2"] if command == "export" else []
    assert scalenet(monkeypatch, command, "--run", str(family_run.path), *stage) == code
    if command == "export":
        assert f"continue: scalenet export --run {family_run.path} --stage 2\n" in capsys.readouterr().err


def test_a_step_of_some_members_leads_to_the_same_members(
    family_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scalenet_tf.steps.retrain", lambda *_, **__: None)
    monkeypatch.setattr("scalenet_tf.steps.export", lambda *_, **__: None)
    some = ("--run", str(family_run.path), "--stage", "0", "--stage", "2")
    assert scalenet(monkeypatch, "retrain", *some) == 0
    assert capsys.readouterr().out.endswith(
        f"next: scalenet export --run {family_run.path} --stage 0 --stage 2\n"
    )
    assert scalenet(monkeypatch, "export", *some) == 0
    assert capsys.readouterr().out.endswith(f"next: scalenet report --run {family_run.path}\n")


@pytest.mark.parametrize("command", ["export", "predict", "evaluate"])
def test_a_stage_that_the_family_lacks_is_not_told_to_be_trained(
    command: str, family_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    images = ["shoe.png"] if command == "predict" else []
    assert scalenet(monkeypatch, command, *images, "--run", str(family_run.path), "--stage", "9") == 2
    assert "`--stage` must be one of S0, S1, S2, S3, the members of the run" in capsys.readouterr().err


def test_codes_of_emoji_in_paths_are_no_markup(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = finished_run.path.rename(finished_run.path.with_name("a{x} (b) :+1:"))
    assert scalenet(monkeypatch, "info", "run", str(path)) == 0
    text = capsys.readouterr().out
    assert f"run {path}: " in text
    assert text.count(f"  {path}/members/s") == 4


def test_a_real_sigterm_ends_a_step_with_143(tmp_path: Path) -> None:
    code = f"""
import time, typer
from scalenet_tf.cli.resume import Commands, resumable
from scalenet_tf.utils.signals import raise_on_sigterm

def step() -> None:
    with resumable("scalenet train --run {tmp_path}"):
        print("working", flush=True)
        time.sleep(60)

raise_on_sigterm()
app = typer.Typer(cls=Commands)
app.command("step")(step)
app.command("other")(lambda: None)
app(["step"])
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1, text=True, env=os.environ)
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=20)
    assert process.returncode == 143
    assert time.monotonic() - begun < 10
    assert f"continue: scalenet train --run {tmp_path}" in error
    assert "Traceback" not in error


def test_best_keeps_to_limits_and_refuses_those_that_nothing_keeps_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], searched_run: Run
) -> None:
    draws = write_trials(searched_run)
    memory = sorted(peak_memory(draw.subnet) for draw in draws if draw.scaling_stage == 1)
    expected = max(
        n
        for n, d in enumerate(draws)
        if d.scaling_stage == 1 and peak_memory(d.subnet) <= memory[len(memory) // 3]
    )
    assert expected < max(n for n, d in enumerate(draws) if d.scaling_stage == 1)
    common = ("best", "--run", str(searched_run.path), "--stage", "1")
    limits = ("--max-macs", "2e9", "--max-memory", str(memory[len(memory) // 3]))
    assert scalenet(monkeypatch, *common, *limits) == 0
    shown = capsys.readouterr().out
    assert "peak memory" in shown and f"\n{expected} " in shown
    assert scalenet(monkeypatch, *common, "--max-parameters", "10") == 2
    assert "Received: parameters at most 10. The least" in capsys.readouterr().err
