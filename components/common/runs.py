"""Runs that are put together from artifacts, so that components call the same steps as the command line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from components.common.artifact import copy
from scalenet_tf.config import CONFIG_NAMES, RunConfig, load_config, parse_config
from scalenet_tf.distribute.cluster import read_cluster
from scalenet_tf.errors import ScaleNetError, nearest
from scalenet_tf.presets import NAMES as SPACES
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.layout import CONFIG, DATA, SPACE, RunFolder
from scalenet_tf.run.paths import without_places
from scalenet_tf.run.requested_space import asked_space
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest

# What every artifact of a run holds; the step's own part comes beside it.
BASE = (CONFIG, SPACE, DATA)
# What to do where a file of an artifact cannot be read.
PUT_BACK = "Put it back, or remove the artifact and run the component again."
_PATIENCE = 600


def read_config(config: str) -> RunConfig:
    """A shipped configuration by its name, or one from its YAML text; never a path, which ends at a machine.

    Raises:
      ScaleNetError: where it is neither.
    """
    if config in CONFIG_NAMES:
        return load_config(config)
    if ":" not in config:
        raise ScaleNetError(
            f"`config` must be one of {list(CONFIG_NAMES)} or the YAML text of a configuration. "
            f"Received: {config!r}.{nearest(config, CONFIG_NAMES)}"
        )
    return parse_config(config)


def config_after(config: str, upstream: str) -> RunConfig:
    """The configuration of a step that goes on from an artifact: its own where given, else the artifact's.

    Raises:
      ScaleNetError: where it asks for another space.
    """
    folder = RunFolder(Path(upstream))
    if not config:
        return _with_space(load_config(str(folder.config_file)), folder)
    own = read_config(config)
    if own.space in SPACES and asked_space(own) != load_space(str(folder.space_file)):
        raise ScaleNetError(
            f"`config` asks for another space, {own.space!r} with its ladder, than {upstream!r} was made "
            "with. Give the same space, or make that artifact anew."
        )
    return _with_space(own, folder)


def decided_by(config: RunConfig) -> dict[str, str]:
    """What of a configuration decides a result, as digests; no path is in it."""
    values = without_places(config)
    del values["data"]["source"]
    return {"config": json_digest(values), "space": json_digest(asked_space(config).model_dump(mode="json"))}


def open_run(folder: Path, config: RunConfig, examples: str, parts: Mapping[Path, str]) -> Run:
    """Begins or goes on with the run of a work folder, over TFRecord examples.

    Args:
      folder: The work folder.
      config: Of the run; its source is replaced.
      examples: Of ExampleGen.
      parts: From what an upstream artifact holds to its place in the run.

    Returns:
      The run; of several workers the chief makes it, and the others wait for it.
    """
    data = config.data.model_copy(update={"source": f"tfrecord:{examples}", "data_dir": None})
    config = config.model_copy(update={"data": data})
    path, ready = folder / "run", folder / "ready"
    if not read_cluster().chief:
        _wait_for(ready)
        return Run.join(path, config)
    config_file = RunFolder(path).config_file
    if config_file.is_file():
        # An earlier attempt may have read the same examples at another place.
        files.write_text(config_file, config.to_yaml())
    run = Run.open_or_create(path, config)
    for source, place in parts.items():
        copy(source, path / place)
    ready.touch()
    return run


def run_parts(run: Run, *more: Path) -> dict[str, Path]:
    """The base files of a run and some of its files and folders, as parts of an artifact."""
    paths = (*(run.path / name for name in BASE), *more)
    return {path.relative_to(run.path).as_posix(): path for path in paths}


def upstream_parts(artifact: str, *names: str) -> dict[Path, str]:
    """data.json and the named files and folders of an artifact, each to its place in a run."""
    return {Path(artifact) / name: name for name in (DATA, *names)}


def check_scratch(scratch: str) -> None:
    """Raises ScaleNetError where several workers have no folder that all of them see."""
    if read_cluster().several and not scratch:
        raise ScaleNetError(
            "`scratch` must be a folder on storage that all workers of TF_CONFIG share, such as "
            "/gcs/BUCKET/scratch. Received: ''."
        )


def _wait_for(ready: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not ready.is_file():
        if time.monotonic() > end:
            raise ScaleNetError(
                f"this worker waited {_PATIENCE} s for the chief to write {str(ready)!r}. Start the chief "
                "too, and give all of them the same `scratch` on storage that they share."
            )
        time.sleep(0.5)


def _with_space(config: RunConfig, upstream: RunFolder) -> RunConfig:
    if config.space in SPACES:
        return config
    return config.model_copy(update={"space": str(upstream.space_file)})
