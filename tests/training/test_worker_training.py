"""The real training of two workers: killed, stopped, resumed as the very same run; one of them writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.run import Run
from scalenet_tf.training import load_supernet
from scalenet_tf.utils import files
from tests.helpers.networks import TINY_SPACE
from tests.helpers.workers import start_workers

pytestmark = pytest.mark.slow

STEPS = 30


def command(folder: Path, *words: str) -> list[str]:
    space = files.write_text(folder / "tiny.yaml", TINY_SPACE)
    supernet = {"steps": STEPS, "checkpoint_steps": 7, "log_steps": 5}
    values = (f"space={space}", *(f"supernet.{key}={value}" for key, value in supernet.items()))
    given = [word for value in values for word in ("--set", value)]
    begun = ["--config", "smoke", "--strategy", "multi_worker", *given]
    return ["-m", "scalenet_tf.cli", "train", "--run", str(folder / "run"), *begun, *words]


def start(folder: Path, *words: str) -> list[subprocess.Popen[str]]:
    return start_workers(2, *command(folder, *words), output=folder / "output")


def printed(folder: Path, index: int) -> str:
    return (folder / "output" / f"{index}.txt").read_text()


def finish(folder: Path, processes: list[subprocess.Popen[str]], expected: int = 0) -> Run:
    for index, process in enumerate(processes):
        assert process.wait(timeout=500) == expected, printed(folder, index)
    return Run.open(folder / "run")


def wait_for_a_step(folder: Path, processes: list[subprocess.Popen[str]], step: int) -> None:
    log, deadline = folder / "run" / "supernet" / "log.jsonl", time.monotonic() + 400
    while not log.is_file() or f'"step": {step},' not in log.read_text():
        assert processes[0].poll() is None, printed(folder, 0)
        assert time.monotonic() < deadline, printed(folder, 0)
        time.sleep(0.005)


def result(run: Run) -> dict[str, Any]:
    return {k: v for k, v in files.read_json(run.supernet / "done.json").items() if k != "environment"}


def rows(run: Run) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (run.supernet / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "images_per_second"} for row in found]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("workers")
    return finish(folder, start(folder))


def test_two_workers_train_one_super_supernet(trained: Run) -> None:
    assert rows(trained)[-1]["step"] == STEPS
    assert rows(trained)[-1]["loss"] < rows(trained)[0]["loss"]
    load_supernet(trained)
    assert files.read_json(trained.supernet / "done.json")["environment"]["workers"] == 2
    output = trained.path.parent
    assert "worker 0 of 2, the chief, at" in printed(output, 0)
    assert "worker 1 of 2 at" in printed(output, 1)


def test_one_process_trains_the_same(trained: Run, tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    words = [word if word != "multi_worker" else "one_device" for word in command(tmp_path)]
    subprocess.run([sys.executable, *words], check=True, env=own, timeout=500)
    alone = rows(Run.open(tmp_path / "run"))
    # The sums' rounding is all that differs at first; training lets it grow, tenfold every few steps.
    for tolerance, one, two in zip((1e-6, 1e-4, *(1e-2,) * 4), alone, rows(trained), strict=True):
        assert two["loss"] == pytest.approx(one["loss"], rel=tolerance)


def test_a_killed_worker_is_missed_and_the_training_goes_on_as_the_very_same(
    trained: Run, tmp_path: Path
) -> None:
    for victim, step in ((1, 10), (0, 20)):
        processes = start(tmp_path)
        wait_for_a_step(tmp_path, processes, step)
        processes[victim].kill()
        processes[victim].wait()
        begun = time.monotonic()
        assert processes[1 - victim].wait(timeout=200) == 2, printed(tmp_path, 1 - victim)
        print(f"worker {1 - victim} ended {time.monotonic() - begun:.1f} s after worker {victim}")
        said = printed(tmp_path, 1 - victim)
        assert "another worker ended, or cannot be reached" in said
        assert f"again, each with its own TF_CONFIG: scalenet train --run {tmp_path / 'run'}" in said
    run = finish(tmp_path, start(tmp_path))
    assert result(run) == result(trained)
    assert rows(run) == rows(trained)


@pytest.mark.parametrize("asked", [0, 1])
def test_sigterm_on_any_worker_saves_and_stops_all(trained: Run, tmp_path: Path, asked: int) -> None:
    processes = start(tmp_path)
    wait_for_a_step(tmp_path, processes, 10)
    processes[asked].send_signal(signal.SIGTERM)
    run = finish(tmp_path, processes, expected=143)
    for index in (0, 1):
        assert f"continue: scalenet train --run {run.path}" in printed(tmp_path, index)
        assert f"of {STEPS}" in printed(tmp_path, index)
    assert list((run.supernet / "between").glob("ckpt-*")) or "saved at step 14 " in printed(tmp_path, 0)
    assert result(finish(tmp_path, start(tmp_path))) == result(trained)


def test_the_chief_alone_writes(trained: Run, tmp_path: Path) -> None:
    _, _, *words = command(tmp_path)
    processes = start_workers(
        2, "-m", "tests.helpers.reads_only", tmp_path / "run", *words, output=tmp_path / "output"
    )
    run = finish(tmp_path, processes)
    assert result(run) == result(trained)
    assert [row["step"] for row in rows(run)] == list(range(5, STEPS + 1, 5))
    events = list((run.supernet / "tensorboard").iterdir())
    assert len(events) == 1 and f".{processes[0].pid}." in events[0].name
    assert not list(run.path.rglob("*.tmp"))


def test_after_the_training_of_a_whole_run_the_chief_goes_on_alone(tmp_path: Path) -> None:
    short = {"search.rounds": 1, "search.population": 4, "search.generations": 1, "members.epochs": 1}
    given = [word for key, value in short.items() for word in ("--set", f"{key}={value}")]
    words = [word if word != "train" else "run" for word in command(tmp_path, *given)]
    run = finish(tmp_path, start_workers(2, *words, output=tmp_path / "output"))
    assert "worker 1: done; the chief continues alone" in printed(tmp_path, 1)
    assert (run.path / "report.html").is_file()
    assert "report: " in printed(tmp_path, 0) and "search cost" in printed(tmp_path, 0)


def test_workers_whose_run_is_not_shared_are_told_so(tmp_path: Path) -> None:
    own: dict[int, list[str | Path]] = {index: [tmp_path / str(index)] for index in (0, 1)}
    for [folder] in own.values():
        Run.open_or_create(folder, load_config("smoke"))
    train = ("-m", "scalenet_tf.cli", "train", "--run")
    processes = start_workers(2, *train, output=tmp_path / "output", own=own)
    assert processes[1].wait(timeout=500) == 2, printed(tmp_path, 1)
    assert "--run must be the same folder on all workers" in printed(tmp_path, 1)
    assert not (tmp_path / "1" / "data.json").exists()
    assert processes[0].wait(timeout=500) == 2, printed(tmp_path, 0)
    assert "another worker ended" in printed(tmp_path, 0)
