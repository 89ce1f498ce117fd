"""Signals: steps are asked once and may save, nothing begins after that, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.local.group import _by_ps, _in_proc, end_steps, kill_group, others

# A runner that, told that its step ended, begins the next; a step that takes half a second to save.
RUNNER = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda number, frame: None)
for number in range(3):
    subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2] + f"/{number}"])
"""
STEP = """
import pathlib, signal, sys, time
def save(number, frame):
    time.sleep(0.5)
    pathlib.Path(sys.argv[1] + ".saved").touch()
    sys.exit(143)
signal.signal(signal.SIGTERM, save)
pathlib.Path(sys.argv[1] + ".begun").touch()
time.sleep(60)
"""


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_signal_lets_the_step_save_and_none_begin(tmp_path: Path) -> None:
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, STEP, str(tmp_path)], start_new_session=True)
    wait_for((tmp_path / "0.begun").exists)
    assert len(others(runner.pid)) == 1
    end_steps(runner.pid, signal.SIGTERM, patience=20)
    assert runner.wait() == 0  # it has time to write its last words
    assert (tmp_path / "0.saved").exists()
    assert not list(tmp_path.glob("[12].saved"))
    assert not others(runner.pid)


def test_a_runner_that_waits_for_its_next_attempt_ends_too(tmp_path: Path) -> None:
    loop = "for number in range(3):"
    late = RUNNER.replace(loop, f"import time\n{loop}\n    time.sleep(number)")
    runner = subprocess.Popen([sys.executable, "-c", late, STEP, str(tmp_path)], start_new_session=True)
    wait_for((tmp_path / "0.begun").exists)
    end_steps(runner.pid, signal.SIGTERM, patience=20, grace=0.3)
    assert runner.wait() == -signal.SIGKILL
    assert (tmp_path / "0.saved").exists() and not (tmp_path / "1.begun").exists()


def test_a_step_that_does_not_end_is_killed(tmp_path: Path) -> None:
    deaf = STEP.replace("    time.sleep(0.5)", "    return")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, deaf, str(tmp_path)], start_new_session=True)
    wait_for((tmp_path / "0.begun").exists)
    (step,) = others(runner.pid)
    end_steps(runner.pid, signal.SIGTERM, patience=0.3)
    wait_for(lambda: step not in others(runner.pid))
    kill_group(runner.pid)
    runner.wait()


def test_the_worker_ends_with_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "w = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=-1, start_new_session=True)\n"
        "print(w.pid, flush=True)\n"
        "time.sleep(60)"
    )
    worker = "import time, threading; from pipelines.local import worker\n"
    worker += "threading.Thread(target=worker._end_with_supervisor, daemon=True).start(); time.sleep(60)"
    supervisor = subprocess.Popen([sys.executable, "-c", code, worker], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()

    def gone() -> bool:
        try:
            return "Z" in Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True

    wait_for(gone)
    supervisor.stdout.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are listed by /proc")
def test_a_group_without_steps() -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    assert others(runner.pid) == set()
    assert _by_ps(runner.pid) == _in_proc(runner.pid) == {runner.pid}
    end_steps(runner.pid, signal.SIGTERM, grace=0.2)
    assert runner.wait() == -signal.SIGKILL
    assert runner.stdin is not None
    runner.stdin.close()
    kill_group(runner.pid)
