"""Measures latency, size and peak memory of a run's exported members, each in a new process."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scalenet_tf.costs.device import ProfiledDevice, describe_device
from scalenet_tf.errors import InvalidInputError, NotReadyError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.export_digests import check_export, exported_formats
from scalenet_tf.run.exports import Format, folder_bytes, model_file
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import step_lock
from scalenet_tf.run.profile import MemberProfile, ProcessCost, Profile, read_profile
from scalenet_tf.run.provenance import Environment
from scalenet_tf.utils.formatting import time_left
from scalenet_tf.utils.inputs import check_least
from scalenet_tf.utils.lifeline import LIFELINE, lifeline
from scalenet_tf.utils.processes import exit_in_words
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


def profile_members(
    run: Run | str | Path,
    stages: Sequence[int] | None = None,
    formats: Sequence[Format] | None = None,
    threads: int = 1,
) -> list[MemberProfile]:
    """Measures exported members, and updates RUN/profile.json after each of them.

    Images have the size of the network's input, so no format resizes them. Other rows of the file are kept if
    they were measured on this device, with the same libraries and number of threads.

    Args:
      run: A run with exported members, or its path.
      stages: Scaling stages of the members. Default: all.
      formats: Formats to measure. Default: all that are exported.
      threads: Number of threads of the runtime, at least 1.

    Returns:
      All rows of profile.json, S0 first.

    Raises:
      ScaleNetError: If nothing is exported, `threads` is below 1, or an export cannot be run.

    Example:
      >>> profile_members("runs/first", stages=[0])[0].latency_ms[1].p50
    """
    run = given_run(run)
    check_least("threads", threads, 1)
    with step_lock(run.path, "profile"):
        return _profile_all(run, _exports(run, stages, formats), threads)


def _profile_all(run: Run, wanted: Sequence[tuple[int, Format]], threads: int) -> list[MemberProfile]:
    begun, device = time.monotonic(), describe_device(threads)
    rows = _kept(run, device)
    for done, (stage, form) in enumerate(wanted):
        left = (time.monotonic() - begun) / done * (len(wanted) - done) if done else None
        logger.info("profiling s%d %s, %d of %d, %s", stage, form, done + 1, len(wanted), time_left(left))
        rows[stage, str(form)] = _profile(run, stage, form, threads)
        found = [
            rows[key] for key in sorted(rows, key=lambda key: (key[0], list(Format).index(Format(key[1]))))
        ]
        surroundings = Environment.now(time.monotonic() - begun)
        write_value(run.profile_file, Profile(device=device, rows=tuple(found), environment=surroundings))
    return found


def _exports(
    run: Run, stages: Sequence[int] | None, formats: Sequence[Format] | None
) -> list[tuple[int, Format]]:
    known = run.family().stages
    unknown = sorted(set(stages or ()) - set(known))
    if unknown:
        raise InvalidInputError(f"`stage` must be some of the family's: {known}. Received: {unknown}")
    found = [
        (stage, form)
        for stage in known
        for form in exported_formats(run, stage)
        if (stages is None or stage in stages) and (formats is None or form in formats)
    ]
    if not found:
        asked = "" if formats is None else f" as {', '.join(formats)}"
        raise NotReadyError(
            f"no such member of {str(run.path)!r} is exported{asked}. Export it with: "
            f"{run.command('export', *(stages or ()))}"
            + "".join(f" --format {form}" for form in formats or ())
        )
    return found


def _kept(run: Run, device: ProfiledDevice) -> dict[tuple[int, str], MemberProfile]:
    """The rows of an earlier profile, if it was measured on the same device."""
    earlier = read_profile(run)
    if earlier is None or earlier.device != device:
        return {}
    return {(row.stage, row.format): row for row in earlier.rows}


def run_child(
    form: Format, model: Path, side: int, channels: int, threads: int, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Measures a model in a new process; see `child`.

    Args:
      form: Format of the export.
      model: Folder of a SavedModel, or file of another format.
      side: Side of the images in pixels.
      channels: Channels of the images.
      threads: Number of threads of the runtime; 0 for its default.
      variables: Environment variables that override those of this process.
    """
    arguments = [str(argument) for argument in (form, model, side, channels, threads)]
    counts = {f"TF_NUM_{kind}_THREADS": str(threads) for kind in ("INTRAOP", "INTEROP")}
    surroundings = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **counts, **variables, **LIFELINE}
    command = [sys.executable, "-m", "scalenet_tf.profiling.child", *arguments]
    with lifeline() as stdin:
        return subprocess.run(
            command, stdin=stdin, capture_output=True, text=True, env=surroundings, check=False
        )


def _profile(run: Run, stage: int, form: Format, threads: int) -> MemberProfile:
    folder = check_export(run, stage, form)
    model = folder if form is Format.saved_model else model_file(folder, form)
    architecture = read_architecture(run, stage)
    size = (architecture.resolution, architecture.channels)
    done = run_child(form, model, *size, threads)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else exit_in_words(done.returncode)
        raise ScaleNetError(
            f"s{stage} as {form} could not be measured: {reason}. If "
            f"{str(folder)!r} is damaged, remove it and export it again with: "
            f"{run.command('export', stage)} --format {form}"
        )
    measured = ProcessCost.model_validate_json(done.stdout.splitlines()[-1])
    return MemberProfile(stage=stage, format=str(form), bytes=folder_bytes(folder), **dict(measured))
