"""Runs assembled from artifacts, so that components call the same job steps as the command line."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from components.common.artifact import copy
from components.common.code import blocks_digest
from scalenet_tf.config import (
    CONFIG_NAMES,
    RunConfig,
    load_config,
    load_run_config,
    parse_config,
    recipe_name,
    recipe_of,
)
from scalenet_tf.distribute.cluster import read_cluster
from scalenet_tf.errors import ConnectionLostError, InvalidInputError, ScaleNetError, nearest
from scalenet_tf.presets import SPACE_NAMES as SPACES
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.layout import CONFIG, DATA, SPACE, RunFolder
from scalenet_tf.run.own_recipes import renew_copies
from scalenet_tf.run.paths import RECIPES, with_absolute_paths, without_paths, without_teacher_path
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.run.warm_start import read_warm_start
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.value_file import write_value

# Files of a run that every artifact holds besides the output of its step.
BASE = (CONFIG, SPACE, DATA)
# Advice if a file of an artifact cannot be read.
PUT_BACK = "Put it back, or remove the artifact and run the component again."
_PATIENCE = 600


def read_config(config: str) -> RunConfig:
    """Loads a configuration by its name, or from its YAML text.

    A path is not accepted, since it is valid on one machine only.

    Raises:
      ScaleNetError: If it is neither a name nor a YAML text.
    """
    if config in CONFIG_NAMES:
        return load_config(config)
    if ":" not in config:
        raise InvalidInputError(
            f"`config` must be one of {list(CONFIG_NAMES)} or the YAML text of a configuration. "
            f"Received: {config!r}.{nearest(config, CONFIG_NAMES)}"
        )
    return parse_config(config)


def config_after(config: str, upstream: str) -> RunConfig:
    """Loads the configuration of a step that follows an artifact.

    Args:
      config: Name or YAML text of a configuration; "" for that of the artifact.
      upstream: Folder of the artifact.

    Raises:
      ScaleNetError: If the configuration has another space than the artifact.
    """
    folder = RunFolder(Path(upstream))
    if not config:
        return _with_space(load_run_config(folder.config_file), folder)
    own = read_config(config)
    if own.space in SPACES and requested_space(own) != load_space(str(folder.space_file)):
        raise InvalidInputError(
            f"`config` asks for another space, {own.space!r} with its ladder, than {upstream!r} was made "
            "with. Give the same space, or create that artifact again."
        )
    return _with_space(own, folder)


def decided_by(config: RunConfig) -> dict[str, str]:
    """Digests of everything in a configuration that determines a result; paths are not included."""
    values, space = without_paths(config), requested_space(config)
    del values["data"]["source"]
    # It says whose the latency table is, which the space holds.
    del values["ladder"]["latency_device"]
    own = blocks_digest(space)
    return {
        "config": json_digest(values),
        "space": json_digest(space.model_dump(mode="json")),
        **({"blocks": own} if own else {}),
    }


def own_recipes(config: RunConfig, stages: Iterable[int]) -> dict[str, str]:
    """Digest of the recipes of some scaling stages; none if all are shipped, as the names say enough."""
    stages = tuple(stages)
    if all(recipe_name(config.members, stage) in RECIPES for stage in stages):
        return {}
    recipes = [recipe_of(config.members, stage).model_dump(mode="json") for stage in stages]
    return {"recipe": json_digest([without_teacher_path(recipe) for recipe in recipes])}


def open_run(folder: Path, config: RunConfig, examples: str, parts: Mapping[Path, str]) -> Run:
    """Begins or resumes the run in a work folder, on TFRecord examples.

    Args:
      folder: The work folder.
      config: Configuration of the run; its data source is replaced.
      examples: Folder of the examples from ExampleGen.
      parts: Files and folders of upstream artifacts, with the path that each has in the run.

    Returns:
      The run. With several workers, the chief makes it and the others wait for it.
    """
    # ExampleGen has split the images: its validation split is that of the run.
    splits = {"source": f"tfrecord:{examples}", "data_dir": None, "validation": "own"}
    data = config.data.model_copy(update=splits)
    config = config.model_copy(update={"data": data})
    path, ready = folder / "run", folder / "ready"
    if not read_cluster().chief:
        _wait_for(ready)
        return Run.join(path, config)
    if RunFolder(path).config_file.is_file():
        _renew(RunFolder(path), config)
    run = Run.open_or_create(path, config)
    for source, name in parts.items():
        copy(source, path / name)
    ready.touch()
    return run


def _renew(run: RunFolder, config: RunConfig) -> None:
    """Gives the run of an earlier attempt the configuration, and the files that it names, as they are now.

    The digest of the lineage, after which the work folder is named, has decided that what differs does not
    count: examples under another path, or a recipe or warm start that the step does not read.
    """
    renew_copies(with_absolute_paths(config), run)
    with suppress(ScaleNetError):  # One that is gone counts as the run's copy of it.
        if (start := read_warm_start(config.search.warm_start)) is not None:
            write_value(run.warm_start_file, start)
    files.write_text(run.config_file, config.to_yaml())


def run_parts(run: Run, *more: Path) -> dict[str, Path]:
    """The base files of a run, and further files and folders, as parts of an artifact."""
    paths = (*(run.path / name for name in BASE), *more)
    return {path.relative_to(run.path).as_posix(): path for path in paths}


def upstream_parts(artifact: str, *names: str) -> dict[Path, str]:
    """data.json and the named files and folders of an artifact, with the path that each has in a run."""
    return {Path(artifact) / name: name for name in (DATA, *names)}


def check_scratch(scratch: str) -> None:
    """Raises ScaleNetError if there are several workers without a folder that they share."""
    if read_cluster().several and not scratch:
        raise InvalidInputError(
            "`scratch` must be a folder on storage that all workers of TF_CONFIG share, such as "
            "/gcs/BUCKET/scratch. Received: ''."
        )


def _wait_for(ready: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not ready.is_file():
        if time.monotonic() > end:
            raise ConnectionLostError(
                f"this worker waited {_PATIENCE} s for the chief to write {str(ready)!r}. Start the chief "
                "too, and give all of them the same `scratch` on storage that they share."
            )
        time.sleep(0.5)


def _with_space(config: RunConfig, upstream: RunFolder) -> RunConfig:
    if config.space in SPACES:
        return config
    return config.model_copy(update={"space": str(upstream.space_file)})
