"""Overrides of single keys, such as "search.rounds=4"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import received, shown
from scalenet_tf.utils.yaml_text import read_scalar, read_yaml

# The characters that a quoted, flow or tagged value begins with, and an alias.
_YAML = "[{\"'!&*"


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
      override: Text of the form "dotted.key=value"; see `override_value`.

    Raises:
      ScaleNetError: If the text has another form, or a section is a value.
    """
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise InvalidInputError(
            f"`--set` takes KEY=VALUE, such as search.rounds=4. Received: {received(override)}"
        )
    *parents, last = key.split(".")
    for parent in parents:
        below = values.setdefault(parent, {})
        if not isinstance(below, dict):
            raise InvalidInputError(
                f"`--set {shown(override)}`: {received(parent)} is a value, not a section"
            )
        values = below
    values[last] = override_value(text, f"`--set {shown(override)}`: {received(text)}")


def override_value(text: str, subject: str) -> Any:
    """Returns the value that a text stands for.

    A text in quotes, brackets or braces is YAML. Any other is a number, a boolean, null, or the text itself,
    with every character: `folder:photos #2` is no comment, and `folder:a: b` is no mapping.

    Args:
      text: The text.
      subject: Name of the text, which errors begin with.

    Raises:
      ScaleNetError: If it is not YAML.

    Example:
      >>> override_value("folder:photos #2", "`--set`"), override_value("[1, 2]", "`--set`")
      ('folder:photos #2', [1, 2])
    """
    text = text.strip()
    if text[:1] and text[0] in _YAML:
        return read_yaml(text, subject)
    try:
        return read_scalar(text)
    except ValueError as error:
        raise InvalidInputError(f"{subject} is not YAML: {error}") from error


def merged(
    values: Mapping[str, object], changes: Mapping[str, object], section: str = ""
) -> dict[str, object]:
    """Returns nested values with some keys changed; sections are merged, other values replaced.

    Args:
      values: Sections and keys.
      changes: The changed ones; a dotted key such as "search.rounds" is a key of a section.
      section: Prefix of the keys in error texts, such as "search.".

    Raises:
      ScaleNetError: If a section is given a value, or a value is taken for a section.
    """
    found = dict(values)
    for key, value in changes.items():
        first, dot, rest = key.partition(".")
        change = {rest: value} if dot else value
        current = found.get(first)
        if current is not None and isinstance(current, Mapping) != isinstance(change, Mapping):
            expected = "a section, given as a dict" if isinstance(current, Mapping) else "a value, not a dict"
            raise InvalidInputError(f"`{section}{first}` must be {expected}. Received: {received(value)}")
        if isinstance(change, Mapping):
            change = merged(current or {}, change, f"{section}{first}.")  # type: ignore[arg-type]
        found[first] = change
    return found
