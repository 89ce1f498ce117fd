"""Paths in a configuration: made absolute for the run, left out of provenance."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.config import FORMER_RECIPES, RECIPE_NAMES, DataConfig, RunConfig
from scalenet_tf.config.source import parse_source
from scalenet_tf.config.teacher import is_path
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.presets import SPACE_NAMES

RECIPES = (*RECIPE_NAMES, *FORMER_RECIPES)
PUBLISHED = "published"  # The only warm start that is not a path.
_FOLDERS = ("folder", "tfrecord")


def with_absolute_paths(config: RunConfig) -> RunConfig:
    """Returns a copy with absolute paths, so that a run can be resumed from any working directory."""
    kind, location = parse_source(config.data.source)
    data = config.data.model_dump()
    if kind in _FOLDERS:
        data["source"] = f"{kind}:{_absolute(location)}"
    if config.data.data_dir is not None:
        data["data_dir"] = _absolute(config.data.data_dir)
    ladder = config.ladder.model_dump()
    if config.ladder.latency_table is not None:
        ladder["latency_table"] = _absolute(config.ladder.latency_table)
    search = config.search.model_dump()
    start = config.search.warm_start
    if start not in (None, PUBLISHED) and os.path.exists(os.path.expanduser(start)):
        search["warm_start"] = _absolute(start)
    recipe = each(config.members.recipe, lambda name: name if name in RECIPES else _absolute_file(name))
    members = config.members.model_dump() | {"recipe": recipe}
    if is_path(config.members.teacher):
        members["teacher"] = _absolute(config.members.teacher)
    space = config.space if config.space in SPACE_NAMES else _absolute_file(config.space)
    changed = {"data": data, "space": space, "ladder": ladder, "search": search}
    return RunConfig.model_validate(config.model_dump() | changed | {"members": members})


def relative_to_run(config: RunConfig, run: Path) -> RunConfig:
    """Returns the configuration as config.yaml states it: what is in the run, relative to it.

    A run whose images are its own can then be moved.
    """
    own = f"{_absolute(str(run))}{os.sep}"

    def shortened(location: str) -> str:
        return location.removeprefix(own)

    return _with_locations(config, shortened)


def located_in_run(config: RunConfig, run: Path) -> RunConfig:
    """Returns the configuration of config.yaml with absolute paths; see `relative_to_run`."""

    def located(location: str) -> str:
        inside = Path(_absolute(str(run))) / location
        return str(inside) if inside.exists() and not os.path.isabs(location) else location

    return _with_locations(config, located)


def _with_locations(config: RunConfig, act: Callable[[str], str]) -> RunConfig:
    """Returns the configuration with other locations of its image folder and space file."""
    kind, location = parse_source(config.data.source)
    source = f"{kind}:{act(location)}" if kind in _FOLDERS else config.data.source
    space = config.space if config.space in SPACE_NAMES else act(config.space)
    data = config.data.model_copy(update={"source": source})
    return config.model_copy(update={"data": data, "space": space})


def check_folder(data: DataConfig) -> None:
    """Raises ScaleNetError if the images are in a local folder that does not exist."""
    kind, location = parse_source(data.source)
    if kind in _FOLDERS and "://" not in location and not os.path.isdir(os.path.expanduser(location)):
        raise InvalidInputError(
            f"`data.source` {kind}:PATH must be a folder. Received: {location!r}, which does not exist."
        )


# Keys that change no result, and a path.
_NO_RESULT: Mapping[str, bool | set[str]] = {
    "plan": True,
    "tpu": True,
    "tracking": True,
    "data": {"data_dir"},
}


def without_paths(config: RunConfig) -> dict[str, Any]:
    """Returns the part of a configuration that determines results, as JSON.

    Paths, the TPU's address and tracking are left out. The contents of files enter provenance as digests.
    """
    values = config.model_dump(mode="json", exclude=_NO_RESULT)
    kind, _ = parse_source(config.data.source)
    if kind in _FOLDERS:
        values["data"]["source"] = kind
    if config.space not in SPACE_NAMES:
        values["space"] = "custom"
    if config.ladder.latency_table is not None:
        values["ladder"]["latency_table"] = "custom"
    if config.search.warm_start not in (None, PUBLISHED):
        values["search"]["warm_start"] = "custom"
    values["members"]["recipe"] = each(
        config.members.recipe, lambda name: name if name in RECIPES else "custom"
    )
    values["members"] = without_teacher_path(values["members"])
    return values


def without_teacher_path(recipe: Mapping[str, Any]) -> dict[str, object]:
    """Returns a recipe as JSON whose teacher is "custom" if it is given by a path."""
    return {**recipe, "teacher": "custom" if is_path(recipe["teacher"]) else recipe["teacher"]}


def each(names: str | tuple[str, ...], act: Callable[[str], str]) -> str | tuple[str, ...]:
    """Returns the result of `act` for the name of a recipe, or for each one of a list."""
    return act(names) if isinstance(names, str) else tuple(map(act, names))


def _absolute_file(name: str) -> str:
    """Returns the absolute path of an existing file; any other name stays as it is."""
    return _absolute(name) if os.path.isfile(os.path.expanduser(name)) else name


def _absolute(path: str) -> str:
    return path if "://" in path else os.path.abspath(os.path.expanduser(path))
