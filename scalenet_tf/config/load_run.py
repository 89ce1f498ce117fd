"""Reading the config.yaml of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from scalenet_tf.config.load import load_config
from scalenet_tf.config.overrides import override_texts
from scalenet_tf.config.run_config import RunConfig
from scalenet_tf.config.sharing import UNSTATED

# Keys that are younger than the first runs, and the values that runs without them were made with.
_EARLIER_VALUES = {"supernet": {"sharing": UNSTATED}}


def load_run_config(path: Path, overrides: Iterable[str] = ()) -> RunConfig:
    """Loads the config.yaml of a run.

    The file states every key that existed when the run began. A key that is missing is younger than the run,
    and has the value that the run was made with, whatever the default is today.

    Args:
      path: The file.
      overrides: "dotted.key=value" texts, as for `load_config`.

    Raises:
      ScaleNetError: If the file is not a valid configuration.
    """
    return load_config(str(path), [*override_texts(dict(_missing(path))), *overrides])


def _missing(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        stated = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return  # `load_config` says what is wrong
    for section, keys in _EARLIER_VALUES.items():
        own = stated.get(section, {}) if isinstance(stated, dict) else None
        if isinstance(own, dict):
            yield from ((f"{section}.{key}", value) for key, value in keys.items() if key not in own)
