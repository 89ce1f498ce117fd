"""Overrides of single keys, such as "search.rounds=4"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from scalenet_tf.errors import InvalidInputError


def override_texts(values: Mapping[str, Any]) -> list[str]:
    """Returns the overrides that set some keys.

    Args:
      values: Values by "dotted.key"; those that are None are left out.

    Returns:
      Texts of the form "dotted.key=value". Values are quoted, since a path may hold what YAML reads as a
      comment or a mapping.
    """
    known = {key: value for key, value in values.items() if value is not None}
    return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in known.items()]


def apply_override(values: dict[str, object], override: str) -> None:
    """Sets one key of nested values.

    Args:
      values: Sections and keys as YAML gives them; changed in place.
      override: Text of the form "dotted.key=value"; the value is parsed as YAML.

    Raises:
      ScaleNetError: If the text has another form, or a section is a value.
    """
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise InvalidInputError(f"`--set` takes KEY=VALUE, such as search.rounds=4. Received: {override!r}")
    *parents, last = key.split(".")
    for parent in parents:
        below = values.setdefault(parent, {})
        if not isinstance(below, dict):
            raise InvalidInputError(f"`--set {override}`: {parent!r} is a value, not a section")
        values = below
    # PyYAML reads 1e-3 as text: it wants 1.0e-3.
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInputError(f"`--set {override}`: {text!r} is not YAML: {error}") from error
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            pass
    values[last] = value


def merged(values: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Returns nested values with some keys changed; sections are merged, other values replaced.

    Args:
      values: Sections and keys.
      changes: The changed ones; a dotted key such as "search.rounds" is a key of a section.

    Raises:
      ScaleNetError: If a section is given a value, or a value is taken for a section.
    """
    found = dict(values)
    for key, value in changes.items():
        first, dot, rest = key.partition(".")
        change = {rest: value} if dot else value
        current = found.get(first)
        if current is not None and isinstance(current, Mapping) != isinstance(change, Mapping):
            expected = "a section, given as a dict" if isinstance(current, Mapping) else "a value"
            raise InvalidInputError(f"`{first}` must be {expected}. Received: {value!r}")
        found[first] = merged(current or {}, change) if isinstance(change, Mapping) else change  # type: ignore[arg-type]
    return found
