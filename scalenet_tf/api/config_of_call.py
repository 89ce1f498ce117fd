"""The configuration that a call in Python asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.config import RunConfig, load_config, update_config
from scalenet_tf.utils.tf_setup import load_tensorflow


def config_of_call(
    config: str | Path | RunConfig | Mapping[str, Any], settings: Mapping[str, Any]
) -> RunConfig:
    """Returns a configuration with some keys changed.

    Args:
      config: Name or path of a configuration, a `RunConfig`, or a dict of its keys.
      settings: Values by key; dicts for sections.

    Raises:
      ScaleNetError: If there is no such configuration, or a key or value is not valid.
    """
    if isinstance(config, Mapping):
        return update_config(update_config(RunConfig(), config), settings)
    return update_config(config if isinstance(config, RunConfig) else load_config(str(config)), settings)


def keys_of(settings: Mapping[str, Any]) -> list[str]:
    """Returns the dotted keys of the settings of a call, in which sections are dicts."""
    return [
        key
        for name, value in settings.items()
        for key in ([f"{name}.{own}" for own in value] if isinstance(value, Mapping) else [name])
    ]


def config_for_images(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    """Returns the shipped configuration that fits the images of another one, with the same settings.

    Args:
      config: Configuration with the images. The bundled ones have their own.
      settings: Values by key; dicts for sections.
    """
    if config.data.source == "bundled":
        return config
    load_tensorflow()
    from scalenet_tf.data.propose import propose_config

    found = update_config(load_config(propose_config(config.data, config.task)), settings)
    return update_config(found, {"data": {"source": config.data.source}})
