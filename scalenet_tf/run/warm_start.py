"""The warm start of a search: the published family, or the result of an earlier search."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from scalenet_tf.errors import InvalidInputError, ScaleNetError, nearest
from scalenet_tf.presets.published import BASE, SCALINGS
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import PUBLISHED
from scalenet_tf.run.search_result import SearchResult
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.value_file import FileValue, read_value


def read_warm_start(name_or_path: str | None) -> WarmStart | None:
    """Reads a warm start.

    Args:
      name_or_path: "published", the directory of a run whose search is done, or the path of a result.json;
        None for no warm start.

    Returns:
      The base of the result with its scalings, followed by the bases of the archive, the best of each stage
      first. None for no warm start.

    Raises:
      ScaleNetError: If the result does not exist or cannot be read.

    Example:
      >>> read_warm_start("runs/first").bases[0]
    """
    if name_or_path is None:
        return None
    if name_or_path == PUBLISHED:
        return WarmStart(bases=(BASE,), scalings=tuple(SCALINGS.values()))
    file = result_file(name_or_path)
    if not file.is_file():
        raise InvalidInputError(
            f"`search.warm_start` must be {PUBLISHED!r}, the directory of a run whose search is done, or the "
            f"path of its search/result.json. Received: {name_or_path!r}.{nearest(name_or_path, [PUBLISHED])}"
        )
    return _from_result(
        read_value(file, SearchResult, "Give the search/result.json of a run as `search.warm_start`.")
    )


def result_file(path: str) -> Path:
    """Returns the result of a search that a path names, which is a run's directory or the file itself."""
    return RunFolder(Path(path)).search_result_file if Path(path).is_dir() else Path(path)


def _from_result(result: SearchResult) -> WarmStart:
    ranked = sorted(result.archive, key=lambda entry: -entry.score)
    stages = sorted({entry.stage for entry in ranked})
    by_stage = [[entry.base for entry in ranked if entry.stage == stage] for stage in stages]
    bases = [result.base]
    for base in (base for row in zip_longest(*by_stage) for base in row if base is not None):
        if base not in bases:
            bases.append(base)
    scalings = sorted(result.scalings, key=lambda entry: entry.stage)
    return WarmStart(bases=tuple(bases), scalings=tuple(entry.scaling for entry in scalings))


class WarmStart(FileValue):
    """Initial bases of a search, and the scalings of the best one.

    Attributes:
      bases: Base architectures, at least one, the best first.
      scalings: Scaling of the first base in each scaling stage, S0 first.
    """

    layout: ClassVar[int | None] = None

    bases: tuple[BaseArchitecture, ...] = Field(min_length=1)
    scalings: tuple[Scaling, ...]

    @property
    def digest(self) -> str:
        """Digest of the content."""
        return json_digest(self.model_dump(mode="json"))


def check_warm_start(space: SearchSpace, start: WarmStart | None) -> None:
    """Raises ScaleNetError if a base is not in `space`, naming the stage and what it allows."""
    for base in start.bases if start else ():
        try:
            space.check_base(base)
        except ScaleNetError as error:
            raise InvalidInputError(
                f"`search.warm_start` must hold bases of space {space.name!r}: {error}. Choose the space "
                "that they come from, or extend that stage."
            ) from error
