"""The file `models.config`: the versions of each model that the server loads, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from scalenet_tf.errors import DamagedFileError, InvalidInputError, first_line
from scalenet_tf.serving.settings import MODELS, to_text
from scalenet_tf.utils.extras import serving_api
from scalenet_tf.utils.value import Value


class Rollout(Value):
    """The loaded versions, the same for every member, and the two labelled ones.

    Args:
      loaded: Version numbers, ascending.
      stable: Version that most clients use.
      canary: Version that some clients try.
    """

    loaded: tuple[int, ...]
    stable: int
    canary: int


def next_rollout(
    before: Rollout | None,
    versions: Sequence[int],
    version: int,
    stable: int | None = None,
    canary: int | None = None,
) -> Rollout:
    """Returns the next rollout: a version is loaded beside the newest ones, and labels move if asked.

    A server rejects a file in which a label moves to a version that it has not loaded yet. Therefore a
    version is loaded by one file and labelled by the next.

    Args:
      before: Current rollout; None if there is no file yet.
      versions: Complete versions, ascending.
      version: Version to load, which an earlier rollout may have left out.
      stable: Version to move the label `stable` to; None to keep it.
      canary: Version to move the label `canary` to; None to keep it.

    Returns:
      A rollout with the labelled versions, `version` and the two newest ones; the first one gives both labels
      to the newest version.

    Raises:
      ScaleNetError: If a label would move to a version that is not loaded.
    """
    before = before or Rollout(loaded=tuple(versions[-2:]), stable=versions[-1], canary=versions[-1])
    check_labels(before, stable, canary)
    stable = before.stable if stable is None else stable
    canary = before.canary if canary is None else canary
    loaded = {stable, canary, version, *versions[-2:]}
    return Rollout(loaded=tuple(sorted(loaded)), stable=stable, canary=canary)


def check_labels(before: Rollout, stable: int | None, canary: int | None) -> None:
    """Checks that labels move to versions that are loaded; see `next_rollout`.

    Raises:
      ScaleNetError: If one would not.
    """
    for label, version in (("stable", stable), ("canary", canary)):
        if version is not None and version not in before.loaded:
            raise InvalidInputError(
                f"`{label}` must be a version that the server has loaded: {list(before.loaded)}. "
                f"Received: {version}. A new version is loaded by one call and labelled by the next: call it "
                f"without {label} first."
            )


def models_config_text(names: Sequence[str], rollout: Rollout) -> str:
    """Returns the text of `models.config`, checked with TensorFlow Serving's own message.

    Args:
      names: Names of the models.
      rollout: Loaded and labelled versions.

    Raises:
      ScaleNetError: If the extra `serving` is not installed.
    """
    config = serving_api("config.model_server_config_pb2").ModelServerConfig()
    for name in names:
        model = config.model_config_list.config.add(
            name=name, base_path=f"{MODELS}/{name}", model_platform="tensorflow"
        )
        model.model_version_policy.specific.versions.extend(rollout.loaded)
        model.version_labels["stable"] = rollout.stable
        model.version_labels["canary"] = rollout.canary
    return to_text(config)


def read_rollout(file: Path) -> Rollout | None:
    """Reads the rollout from a `models.config`; None if there is no such file.

    Raises:
      ScaleNetError: If the server could not read the file, or the models have different versions.
    """
    if not file.is_file():
        return None
    config = _parse(file)
    found = {
        (
            tuple(sorted(model.model_version_policy.specific.versions)),
            *(model.version_labels.get(label) for label in ("stable", "canary")),
        )
        for model in config.model_config_list.config
    }
    if len(found) != 1 or None in (only := found.pop()):
        raise DamagedFileError(
            f"{str(file)!r} must have the same versions, and the labels stable and canary, for each model. "
            "Fix it, or remove it to start again."
        )
    loaded, stable, canary = only
    return Rollout(loaded=loaded, stable=stable, canary=canary)


def served_names(file: Path) -> list[str]:
    """Returns the names of the models in a `models.config`, in its order."""
    return [model.name for model in _parse(file).model_config_list.config]


def _parse(file: Path) -> Any:
    config = serving_api("config.model_server_config_pb2").ModelServerConfig()
    try:
        text_format.Parse(file.read_text("utf-8"), config)
    except text_format.ParseError as error:
        raise DamagedFileError(
            f"{str(file)!r} is not a models.config that TensorFlow Serving can read ({first_line(error)}). "
            "Fix it, or remove it to start again."
        ) from error
    return config
