"""The chief and the workers of a search as processes on one machine."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple, cast

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.search.distributed.role import CERTIFICATE, KEY
from scalenet_tf.utils.child_log import start_relay
from scalenet_tf.utils.lifeline import LIFELINE, lifeline
from scalenet_tf.utils.processes import exit_in_words, gpu_names, share, usable_cores
from scalenet_tf.utils.signals import deferred_stop

logger = logging.getLogger("components.joint_search")

# Seconds between two checks of the processes, and for a worker to end after the chief.
_POLL, _END = 0.5, 60
_LAST_LINES = 5  # seconds until the last lines of a process that has ended are relayed


def search_apart(run: Run, workers: int) -> None:
    """Searches with a chief process, which keeps the search, and `workers` processes that score candidates.

    Raises:
      ScaleNetError: If the chief fails, or no worker is left; scores are kept.
    """
    address = f"127.0.0.1:{_free_port()}"
    of_chief, *of_workers = shares(workers, usable_cores(), gpu_names())
    with deferred_stop() as stop, lifeline() as stdin, _running() as children:
        children.append(_start(run, address, of_chief, stdin, "--chief"))
        for number, own in enumerate(of_workers, start=1):
            children.append(_start(run, address, own, stdin, "--worker", f"w{number}"))
        chief, *scoring = (child.process for child in children)
        while chief.poll() is None:
            stop.raise_if_received()
            if all(worker.poll() not in (None, 0) for worker in scoring):
                raise ScaleNetError(
                    f"all {workers} workers of the search failed; the lines above say why. What they scored "
                    "is kept, and the same call continues from there."
                )
            time.sleep(_POLL)
        if chief.returncode:
            raise ScaleNetError(
                f"the search failed with {exit_in_words(chief.returncode)}; the lines above say more. "
                "What was scored is kept, and the same call continues from there."
            )
        for worker in scoring:
            with suppress(subprocess.TimeoutExpired):
                worker.wait(timeout=_END)


def shares(workers: int, cores: int, gpus: Sequence[str]) -> list[dict[str, str]]:
    """Environment variables of the chief, which has no GPU since it scores nothing, and of each worker."""
    return [{"CUDA_VISIBLE_DEVICES": "-1"}, *(share(slot, workers, cores, gpus) for slot in range(workers))]


def surroundings(environment: Mapping[str, str], machine: Mapping[str, str]) -> dict[str, str]:
    """Environment variables of a process: without TLS, since no certificate names 127.0.0.1."""
    kept = {name: value for name, value in environment.items() if name not in (CERTIFICATE, KEY)}
    return {**kept, **machine}


class _Child(NamedTuple):
    """A process, and the thread that relays its lines."""

    process: subprocess.Popen[str]
    relay: threading.Thread


@contextmanager
def _running() -> Iterator[list[_Child]]:
    """Yields the list of processes, and kills those that are left if an error or a signal ends the work."""
    children: list[_Child] = []
    try:
        yield children
    finally:
        for child in children:
            child.process.kill()
            child.process.wait()
            # An error that follows speaks of "the lines above". A grandchild may hold the pipe open.
            child.relay.join(timeout=_LAST_LINES)


def _start(run: Run, address: str, machine: Mapping[str, str], stdin: int, *role: str) -> _Child:
    command = [sys.executable, "-m", "scalenet_tf.cli", "search", "--run", str(run.path)]
    command += [*role, "--address", address]
    environment = {**surroundings(os.environ, machine), **LIFELINE}
    process = subprocess.Popen(command, env=environment, stdin=stdin, stdout=subprocess.PIPE, text=True)
    return _Child(process, start_relay(cast(IO[str], process.stdout), logger))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
