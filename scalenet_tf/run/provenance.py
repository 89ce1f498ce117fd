"""Where a result comes from: what decides it (provenance), and what merely surrounded it (environment)."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from scalenet_tf.run import Run
from scalenet_tf.run.paths import without_places
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.files import read_json

# The packages that can change a number; the rest of an environment cannot.
PACKAGES = (
    "scalenet-tf",
    "tensorflow",
    "keras",
    "keras-tuner",
    "tensorflow-datasets",
    "tensorflow-model-optimization",
    "numpy",
)


def package_versions() -> dict[str, str | None]:
    """Installed versions of the packages that can change a number; null where one is absent."""
    versions: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def git_commit(source: Path | None = None) -> str | None:
    """The commit of the checkout that this package runs from, "+changes" appended where it is edited.

    It is null for an installed wheel: a repository that happens to surround the working directory or
    site-packages is the user's, not ours.
    """
    source = source or Path(__file__).resolve().parents[2]
    if not (source / ".git").exists():
        return None

    def git(*arguments: str) -> str | None:
        command = ["git", "-C", str(source), *arguments]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, check=True, timeout=10
            ).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            return None

    commit = git("rev-parse", "HEAD")
    changed = commit and git("status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if changed else commit


def provenance(run: Run, **digests: str) -> dict[str, Any]:
    """What decides a result of `run`; equal for equal configuration, code and inputs, wherever they are.

    Args:
      run: The run that the result belongs to.
      **digests: Digests of what the result was computed from, such as `data` and `supernet`.

    Returns:
      A JSON value: config without paths, its digest, seed, package versions, git commit (or null), and
      digests, that of the space among them.

    Example:
      >>> provenance(run, data=info.digest)["seed"]
      0
    """
    config = without_places(run.config)
    space = read_json(run.space_file)
    digests["space"] = json_digest(space)
    if "latency" in space["budget"]:
        digests["latency"] = json_digest(space["budget"]["latency"])
    start = run.warm_start()
    if start is not None:
        digests["warm_start"] = start.digest
    return {
        "seed": run.config.seed,
        "config_digest": json_digest(config),
        "config": config,
        "git_commit": git_commit(),
        "packages": package_versions(),
        "digests": dict(sorted(digests.items())),
    }


def environment(seconds: float, **extra: Any) -> dict[str, Any]:
    """What surrounded a result and differs from run to run: times, host, machine, paths.

    Args:
      seconds: Wall seconds that the step took up to now, in all its processes.
      **extra: Further JSON values, such as `path` or `latency_ms`.

    Returns:
      A JSON value; the time at which it was made is ISO 8601, in UTC.

    Example:
      >>> environment(12.5, path="runs/first")["seconds"]
      12.5
    """
    return {
        "seconds": round(seconds, 3),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        **extra,
    }
