"""Artifacts on disk: a folder filled once, and artifact.json, written last, which says what it is."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.common.lineage import Input, Lineage, uri_of
from components.common.log import log
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files

SCHEMA = 1
_FILE = "artifact.json"


@dataclass(frozen=True)
class Made:
    """What a step left in its work folder.

    Attributes:
      parts: Path in the artifact to file or folder.
      properties: Further metadata, as JSON.
    """

    parts: dict[str, Path]
    properties: dict[str, Any] = field(default_factory=dict)


def read_artifact(name: str, path: str, types: Sequence[str]) -> dict[str, Any]:
    """The metadata of an input.

    Args:
      name: What an error calls it.
      path: Its folder.
      types: TFX types that it may have.

    Raises:
      ScaleNetError: where it is no whole artifact of these.
    """
    file = Path(path) / _FILE
    found: dict[str, Any] = files.read_json(file) if file.is_file() else {}
    if found.get("tfx_type") not in types or found.get("schema_version") != SCHEMA:
        what = f"{found.get('tfx_type')}, schema {found.get('schema_version')}" if found else f"no {_FILE}"
        raise ScaleNetError(
            f"`{name}` must be the folder of an artifact of type {' or '.join(types)}, schema {SCHEMA}. "
            f"Received: {path!r}, which holds {what}. Give the output of the component that makes it."
        )
    return found


def as_input(path: str, metadata: dict[str, Any]) -> Input:
    """An input as lineage has it: by its content where its metadata know that, else by what decided it."""
    return Input(uri_of(path), metadata.get("content_digest", metadata["digest"]))


def produce(
    output: str, tfx_type: str, lineage: Lineage, work: Callable[[Path], Made | None], scratch: str = ""
) -> dict[str, Any]:
    """Fills the folder of an artifact; one that is whole and of the same lineage is kept.

    An attempt that was killed goes on where `work` can: its folder is named after the lineage's digest.

    Args:
      output: The artifact's folder; what it holds of another lineage or half written is replaced.
      tfx_type: TFX's name of its type.
      lineage: What decides its content.
      work: Does the step in a folder of its own; None where this process leaves the output to another.
      scratch: Folder for the work that outlives an attempt; beside the output where "".

    Returns:
      The artifact's metadata; empty where `work` gave None.
    """
    path, name = Path(output), lineage.component
    kept = files.read_json(path / _FILE) if (path / _FILE).is_file() else {}
    if kept.get("digest") == lineage.digest:
        log(name, "kept", output=output)
        return dict(kept)
    folder = Path(scratch or path.parent) / f"{name}-{lineage.digest}"
    log(name, "resumed" if folder.is_dir() else "started", output=output, work=str(folder))
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
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
    """Copies a file or a folder, each file whole; files that are there already stay.

    A copy that was cut goes on. No folder is renamed, which buckets mounted as folders refuse.
    """
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(files.entries(source)):
            copy(entry, target / entry.name)
    elif not target.exists():
        files.copy_file(source, target)
