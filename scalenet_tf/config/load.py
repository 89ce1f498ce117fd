"""Configurations from YAML: shipped ones, files and texts, with overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from scalenet_tf.config.overrides import apply_override, merged
from scalenet_tf.config.run_config import RunConfig
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.resources import nothing_quoted, read_shipped
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.validation import check_keys, problems
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.yaml_text import read_yaml

CONFIG_NAMES = ("quickstart", "smoke", "fashion_mnist", "colour32", "photos", "imagenet")
Settings = TypeVar("Settings", bound=Value)


def load_config(name_or_path: str, overrides: Iterable[str] = ()) -> RunConfig:
    """Loads a configuration.

    Args:
      name_or_path: "quickstart", "smoke", "fashion_mnist", "colour32", "photos", "imagenet", or the path of a
        YAML file.
      overrides: Texts of the form "dotted.key=value"; the value is parsed as YAML.

    Returns:
      The configuration.

    Raises:
      ScaleNetError: If a key is unknown (the text names the nearest valid one) or a value is not valid.

    Example:
      >>> load_config("quickstart", ["search.rounds=4"]).search.rounds
      4
    """
    text = read_shipped("config", name_or_path, CONFIG_NAMES, "scalenet_tf.config.runs")
    with nothing_quoted("config", name_or_path):
        return parse_config(text, overrides, name_or_path)


def parse_config(text: str, overrides: Iterable[str] = (), name: str = "text") -> RunConfig:
    """Loads a configuration from YAML text; see `load_config`.

    Args:
      text: The YAML text.
      overrides: Texts of the form "dotted.key=value".
      name: Name of the text in errors.

    Raises:
      ScaleNetError: If the text is not YAML, or has an unknown key or a value that is not valid.

    Example:
      >>> parse_config("seed: 3").seed
      3
    """
    return parse_typed(RunConfig, "config", text, overrides, name)


def parse_typed(
    model: type[Settings], argument: str, text: str, overrides: Iterable[str], name: str
) -> Settings:
    """Parses YAML text as a value of any type.

    Args:
      model: The type.
      argument: Name of the argument in errors.
      text: The YAML text.
      overrides: Texts of the form "dotted.key=value".
      name: Name of the text in errors.

    Raises:
      ScaleNetError: If the text is not YAML, or has an unknown key or a value that is not valid.
    """
    return validated(model, read_mapping(text, f"`{argument}` {received(name)}"), overrides, name)


def read_mapping(text: str, subject: str) -> dict[str, object]:
    """Reads YAML text of keys and values; an empty text has none.

    Args:
      text: The YAML text.
      subject: Name of the text, which errors begin with.

    Raises:
      ScaleNetError: If the text is not YAML, or holds something else.
    """
    values = read_yaml(text, subject)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InvalidInputError(f"{subject} must hold keys and values. Received: {type(values).__name__}")
    return values


def override_config(config: RunConfig, overrides: Iterable[str]) -> RunConfig:
    """Returns a copy of a configuration with some keys changed.

    Args:
      config: Configuration to copy.
      overrides: Texts of the form "dotted.key=value"; the value is parsed as YAML.

    Raises:
      ScaleNetError: If a key is unknown or a value is not valid.

    Example:
      >>> override_config(load_config("quickstart"), ["seed=3"]).seed
      3
    """
    return validated(RunConfig, config.model_dump(mode="json"), overrides, "the run's own")


def update_config(config: RunConfig, settings: Mapping[str, object]) -> RunConfig:
    """Returns a copy of a configuration with some keys changed from Python.

    Args:
      config: Configuration to copy.
      settings: Values by key; sections are nested mappings, or dotted keys such as "search.rounds".

    Raises:
      ScaleNetError: If a key is unknown or a value is not valid.

    Example:
      >>> update_config(load_config("quickstart"), {"seed": 3, "search": {"rounds": 6}}).search.rounds
      6
    """
    return validated(RunConfig, merged(config.model_dump(mode="json"), settings), (), "given in Python")


def validated(
    model: type[Settings], values: dict[str, object], overrides: Iterable[str], name: str
) -> Settings:
    """Returns the value that keys and overrides describe.

    Args:
      model: Type of the value.
      values: Keys and values; the overrides are applied to them in place.
      overrides: Texts of the form "dotted.key=value".
      name: Name of the values in errors.

    Raises:
      ScaleNetError: If a key is unknown or a value is not valid.
    """
    for override in overrides:
        apply_override(values, override)
    check_keys(model, values)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError(
            f"the configuration {received(name)} is not valid:\n{problems(error)}"
        ) from error
