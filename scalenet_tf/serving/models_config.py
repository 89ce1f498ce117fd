"""`models.config`: which versions of each model the server loads, and what clients may call them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from scalenet_tf.errors import ScaleNetError, first_line
from scalenet_tf.serving.settings import MODELS, to_text
from scalenet_tf.utils.extras import serving_api
from scalenet_tf.utils.value import Value


class Rollout(Value):
    """The versions that are loaded, the same for each member, and the two that have a label.

    Args:
      loaded: Version numbers, rising.
      stable: What most clients ask for.
      canary: What some clients ask for, to try it.
    """

    loaded: tuple[int, ...]
    stable: int
    canary: int


def next_rollout(
    before: Rollout | None, versions: Sequence[int], stable: int | None = None, canary: int | None = None
) -> Rollout:
    """The rollout that follows one: the newest versions are loaded, and labels move where that is asked.

    A server refuses a whole new file whose label, in use, moves to a version that it has not loaded; so a
    version is loaded by one file and labelled by the next.

    Args:
      before: What the server loads now; None where there is no file yet, and all labels are new.
      versions: The whole versions there are, rising.
      stable: Where the label moves; it stays where None.
      canary: As `stable`.

    Returns:
      The labelled versions and the two newest ones; at first, the newest one with both labels.

    Raises:
      ScaleNetError: where a label is to move to a version that is not loaded yet.
    """
    before = before or Rollout(loaded=tuple(versions[-2:]), stable=versions[-1], canary=versions[-1])
    for label, version in (("stable", stable), ("canary", canary)):
        if version is not None and version not in before.loaded:
            raise ScaleNetError(
                f"`{label}` must be a version that the server has loaded: {list(before.loaded)}. "
                f"Received: {version}. A new version is loaded by one call and labelled by the next."
            )
    stable = before.stable if stable is None else stable
    canary = before.canary if canary is None else canary
    return Rollout(loaded=tuple(sorted({stable, canary, *versions[-2:]})), stable=stable, canary=canary)


def models_config_text(names: Sequence[str], rollout: Rollout) -> str:
    """The file for models of these names, parsed back with TensorFlow Serving's own message.

    Raises:
      ScaleNetError: where the extra `serving` is not installed.
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
    """What a file of `models_config_text` says; None where there is none.

    Raises:
      ScaleNetError: for a file that the server could not read, or whose models differ.
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
        raise ScaleNetError(
            f"{str(file)!r} must have the same versions, and the labels stable and canary, for each model. "
            "Mend it, or remove it to begin anew."
        )
    loaded, stable, canary = only
    return Rollout(loaded=loaded, stable=stable, canary=canary)


def served_names(file: Path) -> list[str]:
    """The models that a file of `models_config_text` has, in its order."""
    return [model.name for model in _parse(file).model_config_list.config]


def _parse(file: Path) -> Any:
    config = serving_api("config.model_server_config_pb2").ModelServerConfig()
    try:
        text_format.Parse(file.read_text("utf-8"), config)
    except text_format.ParseError as error:
        raise ScaleNetError(
            f"{str(file)!r} is no models.config that TensorFlow Serving reads ({first_line(error)}). "
            "Mend it, or remove it to begin anew."
        ) from error
    return config
