"""What a local run shows of its steps, and how it finds a step's own error."""

from __future__ import annotations

import io
import logging
import threading
from pathlib import Path

import pytest

from pipelines.local.last_error import last_error
from pipelines.local.step_log import Lines, StepLog

GREEN, RESET = "\x1b[92m", "\x1b[0m"


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("root", logging.INFO, "", 0, text, (), None)


def run_step(log: StepLog, name: str, lines: list[str], status: str = "SUCCESS") -> None:
    """What KFP's local runner does in a thread of its own."""
    assert not log.filter(record(f"Executing task {GREEN}'{name}'{RESET}"))
    out = Lines(log)
    for line in lines:
        for part in ("    ", "    ", line, "\n"):
            out.write(part)
    log.filter(record(f"Task {GREEN}'{name}'{RESET} finished with status {GREEN}{status}{RESET}"))


def test_each_step_has_its_log_and_the_console_no_noise(tmp_path: Path) -> None:
    console = io.StringIO()
    log = StepLog(tmp_path, console)
    noise = ["[KFP Executor 2026] INFO: Got executor_input:", "{", '    "a": {', "    }", "}"]
    event = '{"time": "12:00", "severity": "INFO", "component": "c", "event": "progress", "done": 3}'
    library = '{"time": "12:00", "severity": "INFO", "logger": "scalenet_tf.search", "message": "round 2"}'
    run_step(log, "evaluator", [*noise, event, library, "    indented"])
    shown = console.getvalue()
    assert (
        "evaluator | progress done=3\nevaluator | round 2\n" in shown
        and "evaluator |     indented\n" in shown
    )
    assert "KFP" not in shown and '"a"' not in shown
    assert (tmp_path / "01-evaluator.log").read_text("utf-8").splitlines()[:5] == noise
    assert [(step.title, step.outcome) for step in log.steps] == [("evaluator", "done")]


def test_steps_at_the_same_time_do_not_mix(tmp_path: Path) -> None:
    log = StepLog(tmp_path, io.StringIO())
    lines = {
        number: [f"/root/for-loop-1-iteration-{number}/trainer/executor_output.json", *[f"{number}"] * 300]
        for number in (0, 1, 2)
    }
    threads = [threading.Thread(target=run_step, args=(log, "trainer", lines[number])) for number in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(step.title for step in log.steps) == ["trainer S0", "trainer S1", "trainer S2"]
    for step in log.steps:
        assert step.log and set(step.log.read_text("utf-8").splitlines()[1:]) == {str(step.member)}


def test_hits_failures_and_what_was_cut(tmp_path: Path) -> None:
    console = io.StringIO()
    log = StepLog(tmp_path, console)
    log.filter(record("Task example-gen cache hit (key=abc); skipping execution."))
    log.filter(record("Executing task 'search'"))
    thread = threading.Thread(target=run_step, args=(log, "validator", ["bad"], "FAILURE"))
    thread.start()
    thread.join()
    assert [step.outcome for step in log.steps] == ["cached", "cut", "failed"]
    assert [step.name for step in log.failures()] == ["validator", "search"]
    assert "== example-gen: from the cache" in console.getvalue()


TRACEBACK = ["Traceback (most recent call last):", '  File "a.py", line 3, in f', "    raise E"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["step 1", *TRACEBACK, "ValueError: no", ""], "ValueError: no"),
        (
            [*TRACEBACK, "E: first", "During handling", *TRACEBACK, "E: two:", "  - a", "- b"],
            "E: two:\n  - a\n- b",
        ),
        (["", " "], "it printed nothing, and may have been killed"),
        (
            ["step 1", "step 2", ""],
            "it ended without an error text, and may have been killed. Its last lines:\nstep 1\nstep 2",
        ),
    ],
)
def test_the_last_error(lines: list[str], error: str) -> None:
    assert last_error(lines) == error
