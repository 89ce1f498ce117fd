"""Members in processes of their own: real trainings, shares of the machine, failures, interruptions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scalenet_tf import steps
from scalenet_tf.config import override_config
from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.members import MemberTraining
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.utils import files
from scalenet_tf.utils.processes import process_start, share
from scalenet_tf.utils.value_file import write_value
from tests.helpers.listener import Listener
from tests.helpers.networks import TINY_SUBNET
from tests.helpers.stored import write_members, write_results

WIDER = TINY_SUBNET.model_copy(update={"head_width": 40})


@pytest.fixture
def two_members(scratch_run: Run) -> Run:
    """A run with members s0 and s1, the same tiny network."""
    [member] = scratch_run.family().members
    write_members(scratch_run, member, member.model_copy(update={"name": "s1", "stage": 1}))
    return scratch_run


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes_of(run: Path) -> list[int]:
    """Processes that train or compress members of a run and are alive."""
    # Not by ps, which may cut its lines.
    listed = {file.parent.name: file for file in Path("/proc").glob("[0-9]*/cmdline")}
    ours = ("scalenet_tf.members.parallel", "scalenet_tf.compress.worker")
    return [
        int(number)
        for number, file in listed.items()
        if process_start(int(number)) and any(f"{name} {run} " in words_of(file) for name in ours)
    ]


def words_of(file: Path) -> str:
    """Words of a process in the file of its command line; "" if it has ended."""
    try:
        return file.read_text("utf-8", errors="replace").replace("\0", " ")
    except OSError:
        return ""


@pytest.mark.slow
def test_stopped_by_sigterm_both_stop_and_later_both_end(two_members: Run) -> None:
    path = two_members.path
    command = [sys.executable, "-m", "scalenet_tf.cli", "retrain", "--run", str(path), "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(lambda: any((two_members.member(stage) / "state.npz").exists() for stage in (0, 1)), process)
    os.kill(process.pid, signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 143, output
    assert f"continue: scalenet retrain --run {path}" in output
    assert not processes_of(path)

    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for stage in (0, 1):
        assert files.read_json(two_members.member(stage) / "metrics.json")["test_accuracy"] > 0.3
        assert f"training s{stage}: epoch 3 of 3" in done.stdout
    assert done.stdout.count("next:") == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["retrain --jobs 2", "compress --stage 0 --method ptq-int8"])
def test_children_end_with_a_parent_that_is_killed(two_members: Run, command: str) -> None:
    path = two_members.path
    write_results(two_members, 0) if "compress" in command else None
    words = [sys.executable, "-m", "scalenet_tf.cli", *command.split(), "--run", str(path)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_for(lambda: len(processes_of(path)) == (1 if "compress" in command else 2), process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 60
    while processes_of(path):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_the_teacher_trains_first_and_alone(two_members: Run) -> None:
    [member, other] = two_members.family().members
    write_members(two_members, member, other, member.model_copy(update={"name": "s2", "stage": 2}))
    keys = ["members.teacher=s1", "members.scratch_epochs=1"]
    files.write_text(two_members.config_file, override_config(two_members.config, keys).to_yaml())
    run = Run.open(two_members.path)
    steps.retrain(run, jobs=3)
    trained = run.member_files(1).metrics.stat().st_mtime_ns
    for stage in (0, 2):
        assert run.member_files(stage).architecture.stat().st_mtime_ns > trained
        assert trained_metrics(run, stage).provenance.digests["teacher"] == digest_of_member(run, 1)
    # Both wanted the same answers at the same time.
    assert len(list((run.members / "teachers").iterdir())) == 1


def digest_of_member(run: Run, stage: int) -> str:
    return trained_metrics(run, stage).provenance.digests["weights"]


def test_the_failure_of_one_names_it(two_members: Run) -> None:
    write_results(two_members, 1)
    two_members.member_files(1).metrics.rename(two_members.member_files(1).state)  # s1 is in training
    another = read_architecture(two_members, 1).model_copy(update={"subnet": WIDER})
    write_value(two_members.member_files(1).architecture, another)
    assert len(two_members.family().members) == 2
    text = r"training of s1 failed with exit code 2.*continue with: scalenet"
    with pytest.raises(DamagedFileError, match=text):
        steps.retrain(two_members, jobs=2)
    assert not processes_of(two_members.path)


def test_no_process_is_started_for_a_trained_member(
    two_members: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    for stage in (0, 1):
        write_results(two_members, stage)
    two_members.member_files(0).state.write_text("left by a kill")
    listener = Listener()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/no/such/python")
        steps.retrain(two_members, jobs=2, callbacks=[listener])
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "s0 is trained",
        "s1 is trained",
    ]
    assert not two_members.member_files(0).state.exists()
    assert listener.heard == [("step_begin", "retrain"), ("step_end", "retrain")]


@pytest.mark.slow
def test_epochs_of_both_are_told_in_this_process(two_members: Run) -> None:
    listener = Listener(fails_at=("epoch", "s1", 2))
    with pytest.raises(ScaleNetError, match=r"Listener, failed in on_epoch_end: ValueError: on purpose"):
        steps.retrain(two_members, jobs=2, callbacks=[listener])
    assert not processes_of(two_members.path)
    resumed = Listener()
    steps.retrain(two_members, jobs=2, callbacks=[resumed])
    told = [event[1:] for event in (*listener.heard, *resumed.heard) if event[0] == "epoch"]
    for member in ("s0", "s1"):
        epochs = [epoch for name, epoch in told if name == member]
        assert sorted(set(epochs)) == [1, 2, 3] and epochs == sorted(epochs)
        assert ("member", member, 3) in resumed.heard
    with pytest.raises(ScaleNetError, match=r"`member_training` needs `members\.jobs` 1. Received: 2 jobs"):
        steps.retrain(two_members, jobs=2, member_training=MemberTraining())


def test_shares_of_cores_and_gpus() -> None:
    assert share(1, 2, 8, []) == {"TF_NUM_INTRAOP_THREADS": "4"}
    assert share(0, 4, 2, []) == {"TF_NUM_INTRAOP_THREADS": "1"}
    gpus = ["0", "1", "2", "3"]
    assert [share(slot, 2, 8, gpus)["CUDA_VISIBLE_DEVICES"] for slot in (0, 1)] == ["0,2", "1,3"]
    assert [share(slot, 3, 8, gpus[:2])["CUDA_VISIBLE_DEVICES"] for slot in (0, 1, 2)] == ["0", "1", "0"]
