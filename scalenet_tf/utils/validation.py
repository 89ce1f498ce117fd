"""Checks of the keys that a user wrote against the fields of a model."""

from __future__ import annotations

import itertools
import re
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils.shown import received, shown

Model = TypeVar("Model", bound=BaseModel)
_SHOWN = 20  # problems that an error lists


def check_keys(
    model: type[BaseModel], values: Mapping[str, Any], path: str = "", also: tuple[str, ...] = ()
) -> None:
    """Checks that all keys are fields of a model, including those of its sections.

    Args:
      model: The model.
      values: Keys and values as written.
      path: Prefix of the keys in error texts, for example "search.".
      also: Further valid keys.

    Raises:
      ScaleNetError: If a key is unknown; the text names the nearest valid one.
    """
    valid = [*model.model_fields, *also]
    renamed = _renamed(model)
    for key, value in values.items():
        if key in renamed:
            raise InvalidInputError(
                f"`{path}{key}` is called `{path}{renamed[key]}` now: give it under that name. "
                f"Received: {received(value)}"
            )
        if key not in valid:
            raise InvalidInputError(
                f"unknown key `{path}{shown(key)}`; valid here: {', '.join(valid)}."
                f"{_meant(model, str(key), path, valid)}"
            )
        section = _section(model.model_fields[key].annotation) if key in model.model_fields else None
        if section and isinstance(value, Mapping):
            check_keys(section, value, f"{path}{key}.")


def with_new_names(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of a file that an earlier version wrote, under today's keys, sections included."""
    renamed = _renamed(model)
    found: dict[str, Any] = {}
    for old, value in values.items():
        key = renamed.get(old, old)
        section = _section(model.model_fields[key].annotation) if key in model.model_fields else None
        found[key] = with_new_names(section, value) if section and isinstance(value, Mapping) else value
    return found


def made(model: type[Model], subject: str, values: Mapping[str, Any]) -> Model:
    """Makes a value of what a user gave in options or arguments.

    Args:
      model: Type of the value.
      subject: Name of the values, which errors begin with.
      values: Values by key.

    Raises:
      ScaleNetError: If a value is not valid; the text names each of them.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError(f"{subject} are not valid:\n{problems(error)}") from error


def problems(error: ValidationError) -> str:
    """Returns a line for each of the first wrong values: its key, what was expected, what was received."""
    by_key: dict[str, list[Any]] = {}
    for problem in error.errors(include_url=False):
        by_key.setdefault(_key(problem["loc"]), []).append(problem)
    found = [_line(key, those) for key, those in list(by_key.items())[:_SHOWN]]
    left = len(by_key) - len(found)
    return "\n".join([*found, *([f"and {left} more"] if left else [])])


def _line(key: str, those: list[Any]) -> str:
    """One wrong value as a line; a check of ours names what it received itself."""
    texts = dict.fromkeys(each["msg"].removeprefix("Value error, ") for each in those)
    line = (f"`{shown(key)}`: " if key else "") + shown("; or: ".join(texts))
    line += "" if line.endswith((".", "?")) else "."
    if those[0]["type"] == "missing" or "Received:" in line:
        return line
    return f"{line} Received: {received(those[0]['input'])}"


def _key(location: tuple[int | str, ...]) -> str:
    """The key that a problem is in, without the alternatives of its type that pydantic adds to it."""
    parts = itertools.takewhile(lambda part: not re.search(r"[\[(]", str(part)), location)
    return ".".join(map(str, parts))


def _meant(model: type[BaseModel], key: str, path: str, valid: list[str]) -> str:
    """Proposes the same key of a section, else the nearest valid one."""
    sections = {name: _section(field.annotation) for name, field in model.model_fields.items()}
    inside = [
        f"'{path}{name}.{key}'"
        for name, section in sections.items()
        if section and key in section.model_fields
    ]
    return f" Did you mean {' or '.join(inside)}?" if inside else nearest(key, valid)


def _renamed(model: type[BaseModel]) -> Mapping[str, str]:
    return getattr(model, "RENAMED", {})


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        found = [_section(a) for a in typing.get_args(annotation)]
        return next((f for f in found if f), None)
    return None
