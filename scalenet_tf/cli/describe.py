"""Tables that describe the published family, recipes and configurations."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from scalenet_tf.cli.fitted import Column, FittedTable
from scalenet_tf.cli.tables import numbers
from scalenet_tf.config import MembersConfig, Recipe, RunConfig, recipe_of, stated
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.presets.published import MEMBERS, SCALINGS, published_member
from scalenet_tf.space import Scaling


@dataclass(frozen=True)
class PublishedRow:
    """One member of the paper's family.

    Attributes:
      name: Name of the member, for example "s0".
      scaling: Depth and width multipliers, and resolution in pixels.
      num_blocks: Number of blocks.
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
    """

    name: str
    scaling: Scaling
    num_blocks: int
    macs: int
    parameters: int


@dataclass(frozen=True)
class ConfigKey:
    """A key of the configuration.

    Attributes:
      key: Dotted name.
      value: Value, as text.
      type: Type as users write its values.
      meaning: Meaning of the key.
    """

    key: str
    value: str
    type: str
    meaning: str


def published_rows(channels: int, classes: int) -> list[PublishedRow]:
    """Returns the published family's scalings and costs.

    Args:
      channels: Number of image channels.
      classes: Number of classes.
    """
    rows = []
    for name in MEMBERS:
        subnet = published_member(name, channels=channels, classes=classes)
        total = cost(subnet)
        rows.append(PublishedRow(name, SCALINGS[name], subnet.num_blocks, total.macs, total.parameters))
    return rows


def describe_family(rows: list[PublishedRow], channels: int, classes: int) -> FittedTable:
    """Returns a table of the published family, for images of so many channels and classes."""
    columns = [
        Column("stage", [row.name.upper() for row in rows]),
        numbers("depth / width / pixels", [str(row.scaling).replace("/", " / ") for row in rows]),
        numbers("blocks", [str(row.num_blocks) for row in rows], 2),
        numbers("MACs", [f"{row.macs:,}" for row in rows]),
        numbers("of S0", [f"{row.macs / rows[0].macs:.2f} x" for row in rows], 3),
        numbers("parameters", [f"{row.parameters:,}" for row in rows], 1),
    ]
    notes = (
        f"exact, for {channels} channels and {classes} classes; parameters are the trainable ones.",
        "No ImageNet weights are shipped, and the accuracies that the paper reports are not claimed.",
    )
    return FittedTable(columns, "the paper's family", notes)


def config_keys(config: RunConfig, section: str | None = None) -> list[ConfigKey]:
    """Returns every key with its value, type and meaning.

    Args:
      config: Configuration whose values are shown.
      section: Section to show; None for all keys.

    Raises:
      ScaleNetError: If the section is unknown; the text names the nearest one.
    """
    keys = list(_keys(config, ""))
    sections = sorted({key.key.split(".")[0] for key in keys if "." in key.key})
    if section is not None and section not in sections:
        raise InvalidInputError(
            f"`section` must be one of {sections}. Received: {section!r}.{nearest(section, sections)}"
        )
    return [key for key in keys if section is None or key.key.startswith(f"{section}.")]


def describe_config(keys: list[ConfigKey]) -> FittedTable:
    """Returns a table of keys with their values, types and meanings."""
    columns = [
        Column("key", [key.key for key in keys]),
        Column("value", [key.value for key in keys], prose=True),
        Column("type", [key.type for key in keys], 1, prose=True),
        Column("meaning", [key.meaning for key in keys], prose=True),
    ]
    return FittedTable(columns, "configuration")


def recipe_values(name: str, members: MembersConfig, stages: int) -> dict[str, list[str]]:
    """Returns the value of each key of a recipe in each scaling stage, as text.

    Args:
      name: Name or path of the recipe.
      members: Section `members`, which supplies what the file omits; such values are in brackets.
      stages: Number of scaling stages.
    """
    chosen = members.model_copy(update={"recipe": name})
    recipes = [recipe_of(chosen, stage).model_dump() for stage in range(stages)]
    own = [stated(name, stage) for stage in range(stages)]
    return {
        key: [
            text if key in part else f"({text})"
            for text, part in zip([_shown(recipe[key]) or "none" for recipe in recipes], own, strict=True)
        ]
        for key in Recipe.model_fields
    }


def describe_recipe(name: str, values: dict[str, list[str]]) -> FittedTable:
    """Returns a table of a recipe's keys, with a column for each scaling stage; see `recipe_values`."""
    by_stage = zip(*values.values(), strict=True)
    columns = [Column(f"S{stage}", cells, rank=stage) for stage, cells in enumerate(by_stage)]
    return FittedTable(
        [Column("key", list(values)), *columns],
        f"recipe {name}",
        ["(in brackets: as the section members says)"],
    )


def _keys(model: BaseModel, path: str) -> Iterator[ConfigKey]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _keys(value, f"{path}{name}.")
        else:
            meaning = field.description or ""
            yield ConfigKey(f"{path}{name}", _shown(value), _type_name(field.annotation), meaning)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _type_name(annotation: Any) -> str:
    """Returns a type as users write its values: `int`, `int or nothing`, `equal or list of float`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type_name(argument) for argument in arguments)
    if origin is typing.Literal:
        return " or ".join(map(str, arguments))
    if origin is tuple:
        return f"list of {_type_name(arguments[0])}"
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(annotation)
    return "nothing" if annotation is type(None) else annotation.__name__
