"""The folder of models that a server reads: NAME/VERSION, each version complete or absent."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from scalenet_tf.errors import DamagedFileError
from scalenet_tf.run.exports import EXTRA_ASSETS
from scalenet_tf.serving.session import replay
from scalenet_tf.serving.warmup import read_warmup, warmup_file, write_warmup
from scalenet_tf.utils import files
from scalenet_tf.utils.progress import tracked


def versions_of(folder: Path) -> list[int]:
    """Returns the version numbers of one model, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def whole_versions(models: Path, names: list[str]) -> list[int]:
    """Returns the version numbers that all of these models have, ascending."""
    sets = [set(versions_of(models / name)) for name in names]
    return sorted(set.intersection(*sets))


def add_version(models: Path, exported: Mapping[str, Path], images: Callable[[], np.ndarray]) -> int:
    """Copies a family's SavedModels as one version, with the next free number.

    A copy appears under its number only after it has answered its warm-up requests as the server would send
    them. A family that is already there keeps its number; models that a kill left out are added.

    Args:
      models: Folder that the server reads.
      exported: Folder of each member's SavedModel, by name.
      images: Returns uint8 [N, H, W, C] for warm-up requests; called for exports without any.

    Returns:
      The version number.

    Raises:
      ScaleNetError: If a SavedModel cannot be loaded, or a warm-up request fails.
    """
    there = {name: versions_of(models / name) for name in exported}
    numbers = sorted({number for versions in there.values() for number in versions}, reverse=True)
    version = next((number for number in numbers if _holds(models, there, exported, number)), None)
    if version is None:
        version = max(numbers, default=0) + 1
    missing = [name for name in exported if version not in there[name]]
    for name in tracked(missing, "copying models"):
        _add_model(exported[name], models / name / str(version), images)
    return version


def largest_warmup(models: Path, names: list[str], version: int) -> int:
    """Returns the largest number of images in a warm-up request of a version."""
    folders = [models / name / str(version) for name in names]
    return max((request.batch for folder in folders for request in read_warmup(folder)), default=0)


def _holds(models: Path, there: dict[str, list[int]], exported: Mapping[str, Path], number: int) -> bool:
    return all(
        _same(saved_model, models / name / str(number))
        for name, saved_model in exported.items()
        if number in there[name]
    )


def _same(one: Path, other: Path) -> bool:
    """Returns whether two SavedModels are equal, apart from their warm-up requests."""
    found = [_content(folder) for folder in (one, other)]
    return found[0] == found[1] and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in found[0]
    )


def _content(folder: Path) -> list[Path]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path.parts[0] != EXTRA_ASSETS)


def _add_model(saved_model: Path, folder: Path, images: Callable[[], np.ndarray]) -> None:
    def fill(temporary: Path) -> None:
        graph = "saved_model.pb"
        shutil.copytree(saved_model, temporary, ignore=shutil.ignore_patterns(graph))
        # Last, for storage that cannot rename folders atomically.
        shutil.copy2(saved_model / graph, temporary / graph)
        if not warmup_file(temporary).is_file():
            write_warmup(temporary, images())
        if not replay(temporary):
            raise DamagedFileError(
                f"the SavedModel {str(saved_model)!r} has an empty file of warm-up requests."
            )

    files.write_folder(folder, fill)
