"""Artifacts on disk: a folder that is filled once, with artifact.json, written last, as its metadata."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.common.lineage import Input, Lineage, uri_of
from components.common.log import log
from components.common.scratch import remove_unused, use_folder
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files

SCHEMA = 1
_FILE = "artifact.json"


@dataclass(frozen=True)
class Made:
    """The output of a step in its work folder.

    Attributes:
      parts: Files and folders by their paths in the artifact.
      properties: Further metadata, as JSON.
    """

    parts: dict[str, Path]
    properties: dict[str, Any] = field(default_factory=dict)


def read_artifact(name: str, path: str, types: Sequence[str]) -> dict[str, Any]:
    """Reads the metadata of an input artifact.

    Args:
      name: Name of the input in errors.
      path: Folder of the artifact.
      types: TFX types that are accepted.

    Raises:
      ScaleNetError: If it is not a complete artifact of one of these types.
    """
    file = Path(path) / _FILE
    found: dict[str, Any] = files.read_json(file) if file.is_file() else {}
    if found.get("tfx_type") not in types or found.get("schema_version") != SCHEMA:
        what = f"{found.get('tfx_type')}, schema {found.get('schema_version')}" if found else f"no {_FILE}"
        raise InvalidInputError(
            f"`{name}` must be the folder of an artifact of type {' or '.join(types)}, schema {SCHEMA}. "
            f"Received: {path!r}, which holds {what}. Give the output of the component that makes it."
        )
    return found


def as_input(path: str, metadata: dict[str, Any]) -> Input:
    """Makes an input of a lineage, identified by its content if the metadata have it, else by its origin."""
    return Input(uri_of(path), metadata.get("content_digest", metadata["digest"]))


def produce(
    output: str, tfx_type: str, lineage: Lineage, work: Callable[[Path], Made | None], scratch: str = ""
) -> dict[str, Any]:
    """Fills the folder of an artifact; a complete one of the same lineage is kept.

    The work folder is named after the digest of the lineage, so that `work` can resume a killed attempt. In
    `scratch` it stays for `KEPT_DAYS` days, since the runner may lose an output that it has yet to upload.

    Args:
      output: Folder of the artifact; an incomplete artifact or one of another lineage is replaced.
      tfx_type: TFX's name of the artifact's type.
      lineage: Everything that determines its content.
      work: Does the step in the given work folder; returns None if another process makes the output.
      scratch: Folder for work that outlives an attempt; "" for the parent of the output.

    Returns:
      The metadata of the artifact; empty if `work` returned None.
    """
    path, name = Path(output), lineage.component
    kept = files.read_json(path / _FILE) if (path / _FILE).is_file() else {}
    if kept.get("digest") == lineage.digest:
        log(name, "kept", output=output)
        return dict(kept)
    place, of_work = Path(scratch or path.parent), f"{name}-{lineage.digest}"
    event = "resumed" if (place / of_work).is_dir() else "started"
    log(name, event, output=output, work=str(place / of_work))
    began = time.monotonic()
    folder = use_folder(place, of_work)
    if scratch:
        remove_unused(scratch, name)
    made = work(folder)
    if made is None:
        log(name, "left to the chief")
        return {}
    metadata = {
        "tfx_type": tfx_type,
        "schema_version": SCHEMA,
        **lineage.metadata(),
        **made.properties,
    }
    _fill(path, made.parts, metadata)
    if not scratch:
        shutil.rmtree(folder, ignore_errors=True)
    log(name, "finished", output=output, seconds=round(time.monotonic() - began, 3))
    return metadata


def _fill(path: Path, parts: dict[str, Path], metadata: dict[str, Any]) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        copy(part, path / name)
    files.write_json(path / _FILE, metadata)


def copy(source: Path, target: Path) -> None:
    """Copies a file or a folder; files that exist already are kept, so that an interrupted copy resumes.

    No folder is renamed, since buckets that are mounted as folders do not support it.
    """
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(files.entries(source)):
            copy(entry, target / entry.name)
    elif not target.exists():
        files.copy_file(source, target)
