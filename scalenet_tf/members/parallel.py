"""Trains several members in parallel, each in a separate process.

Small networks cannot keep many cores busy, so members train in parallel processes. Such a process is
`python -m scalenet_tf.members.parallel RUN STAGE ERROR_FILE LOG_LEVEL`.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.begun import leave_trained
from scalenet_tf.members.epochs_of_children import EpochsOfChildren, OnEpoch
from scalenet_tf.run import Run
from scalenet_tf.run.family import name_of_stage, read_member
from scalenet_tf.run.metrics import Metrics, read_metrics, trained_metrics
from scalenet_tf.utils.child_error import read_error, write_error
from scalenet_tf.utils.child_log import child_level, set_up_child, start_relay
from scalenet_tf.utils.lifeline import LIFELINE, end_with_parent, lifeline
from scalenet_tf.utils.processes import exit_in_words, gpu_names, share, usable_cores
from scalenet_tf.utils.signals import raise_on_sigterm
from scalenet_tf.utils.system_errors import user_errors

# Not __name__, which is "__main__" in the process of a member.
logger = logging.getLogger("scalenet_tf.members.parallel")


@dataclass(frozen=True)
class Job:
    """A member in training; the reader thread forwards its lines."""

    stage: int
    slot: int
    process: subprocess.Popen[str]
    reader: threading.Thread
    error_file: Path


def _ignored(*_: object) -> None:
    """Does nothing."""


def train_members_apart(
    run: Run,
    stages: Sequence[int],
    jobs: int,
    on_epoch: OnEpoch = _ignored,
    on_member: Callable[[str, Metrics], None] = _ignored,
) -> None:
    """Trains members in separate processes, `jobs` of them in parallel, the longest training first.

    Trained members are left as they are. Each process gets its share of the machine's cores and GPUs, and
    resumes as `train_member` does.

    Args:
      run: A run with a family.
      stages: Scaling stages of the members.
      jobs: Number of processes, at least 1.
      on_epoch: Called in this process with the name of the member and the results of each epoch.
      on_member: Called with the name and the results of each member that has been trained.

    Raises:
      ScaleNetError: If the training of a member fails. The others are stopped, and resume when called again.
    """
    left = []
    for stage in stages:
        if (metrics := read_metrics(run, stage)) is None:
            left.append(stage)
        else:
            leave_trained(run, read_member(run, stage), metrics)
    if not left:
        return
    waiting = sorted(left, key=lambda stage: _work(run, stage))
    gpus, epochs = gpu_names(), EpochsOfChildren(run, on_epoch)
    with tempfile.TemporaryDirectory() as errors, lifeline() as stdin, _running() as running:
        while waiting or running:
            while waiting and len(running) < jobs:
                slot, stage = min(set(range(jobs)) - {job.slot for job in running}), waiting.pop()
                own = share(slot, jobs, usable_cores(), gpus)
                epochs.begin(stage)
                running.append(_start(run, stage, slot, own, Path(errors) / f"s{stage}.json", stdin))
            ended = [job for job in running if job.process.poll() is not None]
            for job in running:  # after the question above, so that no epoch is missed
                epochs.poll(job.stage)
            for job in ended:
                job.reader.join()
                running.remove(job)
                if job.process.returncode:
                    error = read_error(job.error_file)
                    raise (type(error) if error else ScaleNetError)(
                        f"the training of s{job.stage} failed with {exit_in_words(job.process.returncode)}; "
                        "the lines above say more. Saved results are kept; continue with: "
                        f"{run.command('retrain')}"
                    ) from error
                on_member(name_of_stage(job.stage), trained_metrics(run, job.stage))
            time.sleep(0.05)


def _work(run: Run, stage: int) -> int:
    from scalenet_tf.members.plan import Plan

    member = read_member(run, stage)
    return member.macs * Plan.of(member, run.config.members, run.space()).epochs


def _start(
    run: Run, stage: int, slot: int, environment: Mapping[str, str], error_file: Path, stdin: int
) -> Job:
    words = [str(run.path), str(stage), str(error_file), child_level()]
    process = subprocess.Popen(
        [sys.executable, "-m", "scalenet_tf.members.parallel", *words],
        env={**os.environ, **environment, **LIFELINE},
        stdin=stdin,
        stdout=subprocess.PIPE,
        text=True,
    )
    # Lines instead of bars: several bars on one terminal would overwrite each other.
    return Job(stage, slot, process, start_relay(cast(IO[str], process.stdout), logger), error_file)


@contextmanager
def _running() -> Iterator[list[Job]]:
    """Yields the list of running jobs, and kills those that are left if an error or a signal ends the work.

    Killing is safe, since files of a member are written whole or not at all. A gentler signal may arrive
    inside TensorFlow's C++, which can lose the exception that it raises.
    """
    jobs: list[Job] = []
    try:
        yield jobs
    finally:
        for job in jobs:
            job.process.kill()
        for job in jobs:
            job.process.wait()
            job.reader.join()


def _one_member(run: str, stage: str, error_file: str, level: str) -> int:
    """Trains one member, and returns the exit code that `scalenet` would."""
    from scalenet_tf.utils.tf_setup import load_tensorflow, setup

    end_with_parent()
    raise_on_sigterm()
    set_up_child(level)
    try:
        with user_errors():
            load_tensorflow()
            from scalenet_tf.members.training import train_member

            opened = Run.open(run)
            setup(fast=opened.config.fast)
            train_member(opened, int(stage))
    except ScaleNetError as error:
        write_error(error_file, error)
        logger.error("scalenet: %s", error)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(_one_member(*sys.argv[1:]))
