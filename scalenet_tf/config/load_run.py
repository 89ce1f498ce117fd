"""Reading the config.yaml of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from scalenet_tf.config.load import load_config, parse_config
from scalenet_tf.config.overrides import override_texts
from scalenet_tf.config.run_config import RunConfig
from scalenet_tf.config.sharing import UNSTATED
from scalenet_tf.config.teacher import NO_TEACHER
from scalenet_tf.utils.validation import with_new_names

# Keys that are younger than the first runs, and the values that runs without them were made with.
_EARLIER_VALUES: Mapping[str, Mapping[str, object]] = {
    "supernet": {"sharing": UNSTATED, "draw": "free"},
    "search": {"confirm": 0},
    "members": {"teacher": NO_TEACHER},
}


def load_run_config(path: Path, overrides: Iterable[str] = ()) -> RunConfig:
    """Loads the config.yaml of a run.

    The file states every key that existed when the run began. A key that is missing is younger than the run,
    and has the value that the run was made with, whatever the default is today. A key that has been renamed
    since is read under its former name.

    Args:
      path: The file.
      overrides: "dotted.key=value" texts, as for `load_config`.

    Raises:
      ScaleNetError: If the file is not a valid configuration.
    """
    stated = _stated(path)
    if stated is None:
        return load_config(str(path), overrides)  # says what is wrong
    values = with_new_names(RunConfig, stated)
    earlier = {
        f"{section}.{key}": value
        for section, keys in {**_EARLIER_VALUES, "data": _earlier_data(values)}.items()
        for key, value in keys.items()
        if isinstance(values.get(section, {}), dict) and key not in values.get(section, {})
    }
    return parse_config(yaml.safe_dump(values), [*override_texts(earlier), *overrides], str(path))


def _earlier_data(values: Mapping[str, Any]) -> Mapping[str, object]:
    """Values of the section `data`: of `folder:` and `tfds:`, a validation split beside test was left out."""
    data = values.get("data")
    source = str(data.get("source")) if isinstance(data, dict) else ""
    return {"validation": "train" if source.startswith(("folder:", "tfds:")) else "own"}


def _stated(path: Path) -> dict[str, Any] | None:
    """Returns the keys and values of a file, or None if it cannot be read as such."""
    try:
        stated = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return stated if isinstance(stated, dict) else None
