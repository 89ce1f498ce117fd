"""Where a result comes from: what decides it (provenance), and what merely surrounded it (environment)."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import JsonValue

from scalenet_tf.run.paths import without_paths
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.files import read_json
from scalenet_tf.utils.value import Value

if TYPE_CHECKING:  # a run reads values that hold a provenance
    from scalenet_tf.run import Run

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


class Provenance(Value):
    """What decided a result: equal for equal configuration, code and inputs, wherever they are.

    Attributes:
      seed: Seed of the run.
      config_digest: Digest of `config`.
      config: The configuration, without paths.
      git_commit: Commit of the code; None for an installed package.
      packages: Versions of the packages that can change a number; None for one that is not installed.
      digests: Digests of what the result was computed from, such as "data" and "supernet".
    """

    seed: int
    config_digest: str
    config: dict[str, JsonValue]
    git_commit: str | None
    packages: dict[str, str | None]
    digests: dict[str, str]


def provenance(run: Run, **digests: str) -> Provenance:
    """Describes what decides a result of `run`.

    Args:
      run: The run that the result belongs to.
      **digests: Digests of what the result was computed from, such as `data` and `supernet`.

    Returns:
      The provenance; its digests hold that of the space too, and of latency table and warm start if there
      are any.

    Example:
      >>> provenance(run, data=info.digest).seed
      0
    """
    config = without_paths(run.config)
    space = read_json(run.space_file)
    digests["space"] = json_digest(space)
    if "latency" in space["budget"]:
        digests["latency"] = json_digest(space["budget"]["latency"])
    start = run.warm_start()
    if start is not None:
        digests["warm_start"] = start.digest
    return Provenance(
        seed=run.config.seed,
        config_digest=json_digest(config),
        config=config,
        git_commit=git_commit(),
        packages=package_versions(),
        digests=dict(sorted(digests.items())),
    )


class Environment(Value):
    """What surrounded a result and differs from run to run. A result with more to say has a subclass.

    Attributes:
      seconds: Wall seconds that the step took, in all its processes.
      finished: Time at which it ended: ISO 8601, in UTC.
      host: Name of the machine.
      platform: Operating system.
      python: Version of Python.
      cpus: Number of CPUs; None where unknown.
    """

    seconds: float
    finished: str
    host: str
    platform: str
    python: str
    cpus: int | None

    @classmethod
    def now(cls, seconds: float, **more: Any) -> Self:
        """Describes the surroundings of a result that is ready now.

        Args:
          seconds: Wall seconds that the step took up to now, in all its processes.
          **more: Values of the fields that the class has besides.

        Example:
          >>> Environment.now(12.5).seconds
          12.5
        """
        return cls(
            seconds=round(seconds, 3),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            host=socket.gethostname(),
            platform=platform.platform(),
            python=platform.python_version(),
            cpus=os.cpu_count(),
            **more,
        )


def environment(seconds: float, **more: JsonValue) -> dict[str, JsonValue]:
    """`Environment.now` as JSON, with further values: for results that are no files of a run.

    Example:
      >>> environment(12.5, cpu_seconds=11.0)["cpu_seconds"]
      11.0
    """
    return {**Environment.now(seconds).model_dump(mode="json"), **more}
