"""The provenance of a result, which is everything that determines it, and its time and machine."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import JsonValue

from scalenet_tf.run.paths import without_paths
from scalenet_tf.utils.allocator import describe_allocator
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.files import read_json
from scalenet_tf.utils.kernels import describe_kernels
from scalenet_tf.utils.value import SparseValue, Value

if TYPE_CHECKING:  # Run imports values that contain a provenance.
    from scalenet_tf.run import Run

# Only these packages can change numeric results.
PACKAGES = (
    "scalenet-tf",
    "tensorflow",
    "keras",
    "keras-tuner",
    "tensorflow-datasets",
    "tensorflow-model-optimization",
    "numpy",
)


# The variable with which the image names its commit, and its value if the build was not told.
BUILT_FROM, UNKNOWN = "SCALENET_COMMIT", "unknown"


def package_versions() -> dict[str, str | None]:
    """Returns the versions of the packages that can change numeric results; None if not installed."""
    versions: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions


def git_commit(source: Path | None = None) -> str | None:
    """Returns the commit of the checkout that this package runs from, with "+changes" if it is modified.

    Args:
      source: Root of the checkout. Default: the directory that contains the package.

    Returns:
      The commit. An installed wheel has none: in our image it is the one that the image was built from, which
      `SCALENET_COMMIT` names, and None elsewhere. A repository around the working directory or site-packages
      is the user's, so only a .git in the root itself counts.
    """
    source = source or Path(__file__).resolve().parents[2]
    if not (source / ".git").exists():
        built_from = os.environ.get(BUILT_FROM, "")
        return None if built_from in ("", UNKNOWN) else built_from

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
    """Everything that determines a result: equal for equal configuration, code and inputs.

    Attributes:
      seed: Seed of the run.
      config_digest: Digest of `config`.
      config: Configuration, without paths.
      git_commit: Commit of the code; None for an installed package outside of our image.
      packages: Versions of the packages that can change numeric results; None if not installed.
      digests: Digests of the inputs of the result, such as "data" and "supernet".
    """

    seed: int
    config_digest: str
    config: dict[str, JsonValue]
    git_commit: str | None
    packages: dict[str, str | None]
    digests: dict[str, str]


def provenance(run: Run, **digests: str) -> Provenance:
    """Returns the provenance of a result of a run.

    Args:
      run: The run that the result belongs to.
      **digests: Digests of the inputs of the result, such as `data` and `supernet`.

    Returns:
      The provenance. Its digests also include the space and, if there are any, the latency table and the warm
      start.

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


class Environment(SparseValue):
    """The time and machine of a result, which differ from run to run. Subclasses add measurements.

    Attributes:
      seconds: Wall-clock seconds of the job step, over all restarts.
      finished: End of the job step: ISO 8601, in UTC.
      host: Name of the machine.
      platform: Operating system.
      python: Version of Python.
      cpus: Number of CPUs; None if unknown.
      allocator: Text of `describe_allocator`; None in runs of earlier versions.
      onednn: TF_ENABLE_ONEDNN_OPTS, or "default"; None in runs of earlier versions.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"allocator", "onednn"})

    seconds: float
    finished: str
    host: str
    platform: str
    python: str
    cpus: int | None
    allocator: str | None = None
    onednn: str | None = None

    @classmethod
    def now(cls, seconds: float, **more: Any) -> Self:
        """Describes this machine at the end of a job step.

        Args:
          seconds: Wall-clock seconds of the job step so far, over all restarts.
          **more: Values of the fields that a subclass adds.

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
            allocator=describe_allocator(),
            onednn=describe_kernels(),
            **more,
        )


def environment(seconds: float, **more: JsonValue) -> dict[str, JsonValue]:
    """Returns `Environment.now` as JSON, with further values, for results outside of runs.

    Args:
      seconds: Wall-clock seconds of the measurement.
      **more: Further values.

    Example:
      >>> environment(12.5, cpu_seconds=11.0)["cpu_seconds"]
      11.0
    """
    return {**Environment.now(seconds).model_dump(mode="json"), **more}
