"""The folder from which TensorFlow Serving serves a whole family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from pydantic import ValidationError

from scalenet_tf.data import open_data
from scalenet_tf.errors import DamagedFileError, InvalidInputError, NotReadyError, first_line
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import check_export
from scalenet_tf.run.exports import Format
from scalenet_tf.run.family import Member
from scalenet_tf.run.given_run import given_run
from scalenet_tf.serving.manifests import compose, manifest
from scalenet_tf.serving.models_config import (
    Rollout,
    check_labels,
    models_config_text,
    next_rollout,
    read_rollout,
    served_names,
)
from scalenet_tf.serving.settings import ServerSettings, batching_text, monitoring_text
from scalenet_tf.serving.versions import add_version, largest_warmup, versions_of, whole_versions
from scalenet_tf.serving.warmup import BATCHES, read_warmup
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import text_digest
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.extras import serving_api
from scalenet_tf.utils.lock import Lock
from scalenet_tf.utils.shown import first_few

LOCK = ".lock"
_OURS = {"models", "config", "serving.json", "compose.yaml", "kubernetes.yaml", LOCK}


@dataclass(frozen=True)
class ServedFamily:
    """Result of `serve_files`.

    Attributes:
      version: Version number of the run's members.
      names: Names of the models.
      rollout: Loaded and labelled versions.
    """

    version: int
    names: tuple[str, ...]
    rollout: Rollout


def serve_files(
    run: Run | str | Path,
    output: str | Path,
    *,
    settings: ServerSettings | None = None,
    stable: int | None = None,
    canary: int | None = None,
) -> ServedFamily:
    """Writes the files with which TensorFlow Serving serves every member of a run.

    `models/sN/VERSION` are copies of the exported members with warm-up requests, `config/` has the server's
    three configuration files, and `compose.yaml` and `kubernetes.yaml` start the server. Calling it with
    another run and the same folder adds a version, which is loaded at once and can be labelled by a later
    call.

    Args:
      run: A run whose members are exported, or its path.
      output: Folder to create or update.
      settings: Settings of the server. Default: those of the folder, else `ServerSettings()`.
      stable: Loaded version to move the label `stable` to; None to keep it.
      canary: Loaded version to move the label `canary` to; None to keep it.

    Returns:
      The version, the names of the models, and the rollout.

    Raises:
      ScaleNetError: If a member is not exported, its export is damaged or its model fails, the folder serves
        other members, a label would move to a version that is not loaded, or the extra `serving` is
        not installed.

    Example:
      >>> serve_files("runs/first", "serving").version
      1
    """
    run = given_run(run)
    serving_api("config.model_server_config_pb2")  # fail before anything is copied
    output = check_directory("output", output)
    _check_ours(output)
    exported = _exported(run, run.family().members)
    settings = settings or read_settings(output)
    requests = [request.batch for folder in exported.values() for request in read_warmup(folder)]
    _check_batches(settings, max(requests, default=0))
    with Lock(output / LOCK, f"writing the files of {str(output)!r}", "process"):
        return _serve(run, output, exported, settings, stable, canary)


def _serve(
    run: Run,
    output: Path,
    exported: Mapping[str, Path],
    settings: ServerSettings,
    stable: int | None,
    canary: int | None,
) -> ServedFamily:
    names = list(exported)
    models_config = output / "config" / "models.config"
    before = read_rollout(models_config)
    if before:
        _check_served(output, models_config, names)
        _check_loaded(output / "models", names, before)
        check_labels(before, stable, canary)
    version = add_version(output / "models", exported, partial(_warmup_images, run))
    rollout = next_rollout(before, whole_versions(output / "models", names), version, stable, canary)
    _check_batches(settings, max(largest_warmup(output / "models", names, v) for v in rollout.loaded))
    configs = {"models.config": models_config_text(names, rollout), "monitoring.config": monitoring_text()}
    if settings.batching:
        configs["batching.config"] = batching_text(settings.batching, settings.cores)
    files.write_json(output / "serving.json", settings.model_dump(mode="json"))
    started = settings.for_members(max(member.parameters for member in run.family().members))
    # A running server reads models.config again, and no other file.
    read_once = text_digest("".join(text for name, text in configs.items() if name != "models.config"))
    files.write_text(output / "compose.yaml", _yaml(compose(started, read_once, _project(output))))
    files.write_text(output / "kubernetes.yaml", _yaml(*manifest(started, configs, names[-1], read_once)))
    # Last, because a running server reads them and loads the models at once.
    for name, text in sorted(configs.items(), reverse=True):
        files.write_text(output / "config" / name, text)
    return ServedFamily(version, tuple(names), rollout)


def _project(output: Path) -> str:
    """A Compose project for each folder, whose own name need not be fit for one nor be the only such."""
    return f"scalenet-{text_digest(str(output.resolve()))[:8]}"


def _warmup_images(run: Run) -> np.ndarray:
    """Images for exports of earlier versions, which have no warm-up requests."""
    data = open_data(run)
    return data.validation.take(np.arange(min(max(BATCHES), data.validation.count)))


def read_settings(output: Path) -> ServerSettings:
    """Reads the settings of a folder of `serve_files`; the defaults if it has none.

    Args:
      output: The folder.

    Raises:
      ScaleNetError: If the file is damaged or no longer valid.
    """
    file = output / "serving.json"
    if not file.is_file():
        return ServerSettings()
    try:
        return ServerSettings.model_validate(files.read_json(file))
    except (ValidationError, ValueError) as error:
        raise DamagedFileError(
            f"{str(file)!r} holds no valid settings ({first_line(error)}). Fix it, or remove it."
        ) from error


def _check_ours(output: Path) -> None:
    """Raises ScaleNetError if a folder holds files that `serve_files` does not write."""
    if output.exists() and not output.is_dir():
        raise InvalidInputError(f"`output` must be a folder. Received: {str(output)!r}, which is a file.")
    others = sorted(path.name for path in files.entries(output)) if output.is_dir() else []
    others = [name for name in others if name not in _OURS]
    if others:
        raise InvalidInputError(
            "`output` must be a new or empty folder, or one that serve-files wrote. Received: "
            f"{str(output)!r}, which holds {first_few(others)}."
        )


def _exported(run: Run, members: Sequence[Member]) -> dict[str, Path]:
    found = {member.name: run.member_files(member.stage).saved_model for member in members}
    missing = [name for name, folder in found.items() if not (folder / "saved_model.pb").is_file()]
    if missing:
        raise NotReadyError(
            f"the members {missing} of {str(run.path)!r} are not exported yet. Export them with: "
            f"{run.command('export')}"
        )
    for member in members:
        check_export(run, member.stage, Format.saved_model)
    return found


def _check_served(output: Path, models_config: Path, names: list[str]) -> None:
    """Refuses a family of other members: one to drop may be in use, one to add lacks the loaded versions."""
    served = served_names(models_config)
    dropped = [name for name in served if name not in names]
    if dropped:
        raise InvalidInputError(
            f"`output`: {str(models_config)!r} serves {dropped} too, and the server would drop them: the "
            f"run's members are {names}. Serve this family from a new folder."
        )
    added = [name for name in names if name not in served]
    if added:
        raise InvalidInputError(
            f"`output`: the run has {added} too, which {str(output)!r} does not serve: it serves {served}. "
            "Serve this family from a new folder."
        )


def _check_loaded(models: Path, names: list[str], before: Rollout) -> None:
    lacking = [name for name in names if not set(before.loaded) <= set(versions_of(models / name))]
    if lacking:
        raise DamagedFileError(
            f"`output`: {str(models)!r} must hold the versions {list(before.loaded)}, which are served now, "
            f"of each member. {lacking} lack some. Put them back, or serve this family from a new folder."
        )


def _check_batches(settings: ServerSettings, warmup: int) -> None:
    if settings.batching and settings.batching.max_batch_size < warmup:
        raise InvalidInputError(
            f"`max_batch_size` must be at least the {warmup} images of the largest warm-up request, or the "
            f"server refuses the models. Received: {settings.batching.max_batch_size}"
        )


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> Any:
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Plain.add_representer(str, _Plain.represent_text)


def _yaml(*documents: Mapping[str, object]) -> str:
    text: str = yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, width=110)
    if list(yaml.safe_load_all(text)) != list(documents):
        raise AssertionError(f"{text!r} reads back otherwise")
    return text
