"""Reading the config.yaml of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.config.load import read_mapping, validated
from scalenet_tf.config.overrides import override_texts
from scalenet_tf.config.run_config import RunConfig
from scalenet_tf.config.sharing import UNSTATED
from scalenet_tf.config.teacher import NO_TEACHER
from scalenet_tf.errors import DamagedFileError
from scalenet_tf.utils.resources import read_text
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.validation import with_new_names

# Keys that are younger than the first runs, and the values that runs without them were made with.
_EARLIER_VALUES: Mapping[str, Mapping[str, object]] = {
    "supernet": {"sharing": UNSTATED, "draw": "free"},
    "search": {"confirm": 0},
    "members": {"teacher": NO_TEACHER},
}
# Earlier versions took .inf for "never", and could not write their results with it.
_FORMERLY_INFINITE = (
    ("supernet", "clip_norm"),
    ("supernet", "checkpoint_minutes"),
    ("members", "clip_norm"),
)


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
    text = read_text("config", path)
    values = with_new_names(RunConfig, read_mapping(text, f"`config` {received(str(path))}"))
    for section, key in _FORMERLY_INFINITE:
        stated = values.get(section)
        if isinstance(stated, dict) and stated.get(key) == math.inf:
            stated[key] = 0
    earlier = {
        f"{section}.{key}": value
        for section, keys in {**_EARLIER_VALUES, "data": _earlier_data(values)}.items()
        for key, value in keys.items()
        if isinstance(values.get(section, {}), dict) and key not in values.get(section, {})
    }
    plan = values.pop("plan", None)  # durations that earlier versions printed
    found = validated(RunConfig, values, [*override_texts(earlier), *overrides], str(path))
    _check_whole(path, text, plan)
    return found


def _earlier_data(values: Mapping[str, Any]) -> Mapping[str, object]:
    """Values of the section `data`.

    Of `folder:` and `tfds:`, a validation split beside test was left out. Images were neither turned nor laid
    over a background.
    """
    data = values.get("data")
    source = str(data.get("source")) if isinstance(data, dict) else ""
    validation = "train" if source.startswith(("folder:", "tfds:")) else "own"
    return {"validation": validation, "reading": "plain", "fit": "squeeze"}


def _check_whole(path: Path, text: str, plan: Any) -> None:
    """Raises ScaleNetError if a file was cut: the keys that it lacks would become defaults.

    The file begins with `---` and ends with `...`. Earlier versions wrote neither, and `plan` last.
    """
    lines = text.split()
    if lines[-1:] == ["..."] if lines[:1] == ["---"] else "report" in (plan or {}):
        return
    raise DamagedFileError(
        f"{str(path)!r} is not whole: its end is missing. Put the whole file back from a copy, or start a "
        "new run."
    )
