"""Processes: their share of cores and GPUs, and what tells one from another."""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Sequence
from pathlib import Path

from scalenet_tf.utils.signals import signal_name

CGROUP = Path("/sys/fs/cgroup")


def share(slot: int, jobs: int, cores: int, gpus: Sequence[str]) -> dict[str, str]:
    """Returns the environment variables that give one of several processes its cores and GPUs.

    Args:
      slot: Index of the process, 0 to jobs - 1.
      jobs: Number of processes at a time.
      cores: Number of CPU cores of the machine.
      gpus: Names of the GPUs as in CUDA_VISIBLE_DEVICES; with fewer GPUs than processes, some share one.
    """
    environment = {"TF_NUM_INTRAOP_THREADS": str(max(1, cores // jobs))}
    if gpus:
        own = gpus[slot::jobs] if len(gpus) >= jobs else [gpus[slot % len(gpus)]]
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(own)
    return environment


def usable_cores() -> int:
    """Returns the number of CPU cores that this process may use, as far as the system tells."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    quota = cpu_quota(CGROUP)
    return cores if quota is None else min(cores, max(1, math.ceil(quota)))


def cpu_quota(folder: Path) -> float | None:
    """Returns the cores' worth of time that a container may use; None if it is not limited.

    A limit of Kubernetes is such a quota: the process sees all cores of the node, and is slowed down.

    Args:
      folder: Folder at which the container's cgroup, of version 2 or 1, is mounted.
    """
    quota, _, period = _read(f"{folder}/cpu.max").partition(" ")
    if not quota:
        quota = _read(f"{folder}/cpu/cpu.cfs_quota_us")
        period = _read(f"{folder}/cpu/cpu.cfs_period_us")
    # "max" or -1 is no limit.
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() and int(period) else None


def gpu_names() -> list[str]:
    """Returns the names of this process' GPUs, as in CUDA_VISIBLE_DEVICES."""
    import tensorflow as tf

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    count = len(tf.config.list_physical_devices("GPU"))
    return visible.split(",")[:count] if visible else [str(index) for index in range(count)]


def exit_in_words(code: int) -> str:
    """Returns how a process ended, from `Popen.returncode`: "exit code 2", or the signal that killed it.

    A process that is killed writes no reason, and systems that run out of memory kill with SIGKILL.
    """
    if code >= 0:
        return f"exit code {code}"
    name = signal_name(-code)
    return f"{name}, probably because memory ran out" if name == "SIGKILL" else name


def machine_id() -> str:
    """Returns a text that tells machines and containers apart, whose process numbers have other meanings."""
    return f"{socket.gethostname()} {_read('/proc/sys/kernel/random/boot_id')} {_namespace()}"


def process_start(number: int) -> str:
    """Returns a text that tells processes of one number apart; "" if no such process is alive.

    Where the system does not tell when a process started, the text only says that it is alive.
    """
    # The name of a program, in brackets, may contain anything.
    fields = _read(f"/proc/{number}/stat").rpartition(")")[2].split()
    if len(fields) > 19:
        return "" if fields[0] in "ZX" else fields[19]
    return "alive" if not os.path.isdir("/proc/self") and _is_alive(number) else ""


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _namespace() -> str:
    try:
        return str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""
