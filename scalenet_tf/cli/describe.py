"""Tables that describe search spaces, the published family, recipes and configurations."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table

from scalenet_tf.config import MembersConfig, Recipe, RunConfig, recipe_of, stated
from scalenet_tf.costs.macs import cost, costs
from scalenet_tf.costs.memory import memory_range
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.presets.published import MEMBERS, SCALINGS, published_member
from scalenet_tf.sampling.feasible import base_scaling, fits_stage, macs_range, sample_feasible_bases
from scalenet_tf.space import SearchSpace, Stage
from scalenet_tf.utils.formatting import count, memory

# Number of bases within the budget to try a scaling on: it is feasible if it suits one of them.
SAMPLE = 2000


def number_of_bases(space: SearchSpace) -> int:
    """Counts the base architectures of a space: the product over stages of the sum of ops^depth."""

    def of_stage(stage: Stage) -> int:
        return sum(len(stage.ops) ** depth for depth in range(stage.depth[0], stage.depth[1] + 1))

    return math.prod(of_stage(stage) for stage in space.stages)


def feasible_scalings(space: SearchSpace, sample: int = SAMPLE) -> list[int]:
    """Counts the feasible scalings of each scaling stage.

    Args:
      space: The search space.
      sample: Number of bases within the budget to try; a scaling is feasible if it suits one of them.
    """
    bases = sample_feasible_bases(space, np.random.default_rng(0), sample)
    own = costs(space, bases, base_scaling(space))[:, 0]
    return [
        sum(bool(fits_stage(space, bases, own, scaling, stage).any()) for scaling in menu.scalings())
        for stage, menu in enumerate(space.menus)
    ]


def describe_space(space: SearchSpace) -> Iterator[RenderableType]:
    """Yields the space's stages, its size, and its scaling stages with their range of cost."""
    stages = Table(
        "stage", "depth", "stride", "width", "ops", title=f"space {space.name}", title_justify="left"
    )
    stages.add_row("stem", "1", str(space.stem_stride), str(space.stem_width), "3x3 convolution")
    for index, stage in enumerate(space.stages):
        low, high = stage.depth
        depth = str(low) if low == high else f"{low} to {high}"
        ops = " ".join(op.name for op in stage.ops)
        stages.add_row(str(index), depth, str(stage.stride), str(stage.width), ops)
    stages.add_row("head", "1", "1", str(space.head_width), "1x1 convolution, pooling, classifier")
    yield stages
    size = number_of_bases(space)
    yield f"{size:,} base architectures ({size:.3g})" if size >= 10**6 else f"{size:,} base architectures"
    budget = space.budget
    yield (
        f"budget of the base: {count(budget.macs)} MACs ± {100 * budget.base_tolerance:g} %; "
        f"of stage s: {budget.growth:g}^s times the base's own ± {100 * budget.stage_tolerance:g} %"
    )
    for bound in budget.ranges:
        where = "each stage" if bound.stage is None else f"S{bound.stage}"
        yield f"range of {where}: {bound}"
    yield ""
    yield _scaling_stages(space)
    yield (
        f"feasible: scalings that meet the budget with some of {SAMPLE:,} bases drawn within it. "
        f"MACs: for images of {space.channels} channels and {space.classes} classes. Peak memory: all "
        "activations alive at once, one float32 image."
    )


def _scaling_stages(space: SearchSpace) -> Table:
    table = Table("stage", "depth", "width", "pixels", title="scaling stages", title_justify="left")
    for heading in ("scalings", "feasible", "target MACs", "fewest MACs", "most MACs", "peak memory"):
        table.add_column(heading, justify="right", no_wrap=True)
    for stage, (menu, feasible) in enumerate(zip(space.menus, feasible_scalings(space), strict=True)):
        ranges = [macs_range(space, scaling) for scaling in menu.scalings()]
        peaks = [memory_range(space, scaling) for scaling in menu.scalings()]
        table.add_row(
            f"S{stage}",
            " ".join(f"{depth / 1000:g}" for depth in menu.depth),
            " ".join(f"{width / 1000:g}" for width in menu.width),
            " ".join(map(str, menu.resolution)),
            str(len(ranges)),
            str(feasible),
            count(space.budget.target(space.budget.macs, stage)),
            count(min(least for least, _ in ranges)),
            count(max(most for _, most in ranges)),
            _span(memory(min(least for least, _ in peaks)), memory(max(most for _, most in peaks))),
        )
    return table


def _span(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"


def describe_family(channels: int, classes: int) -> Iterator[RenderableType]:
    """Yields the published family's scalings and costs.

    Args:
      channels: Number of image channels.
      classes: Number of classes.
    """
    table = Table("stage", title="the paper's family", title_justify="left")
    for heading in ("depth / width / pixels", "blocks", "MACs", "of S0", "parameters"):
        table.add_column(heading, justify="right", no_wrap=True)
    base = cost(published_member(MEMBERS[0], channels=channels, classes=classes)).macs
    for name in MEMBERS:
        subnet = published_member(name, channels=channels, classes=classes)
        total = cost(subnet)
        table.add_row(
            name.upper(),
            str(SCALINGS[name]).replace("/", " / "),
            str(subnet.num_blocks),
            f"{total.macs:,}",
            f"{total.macs / base:.2f} x",
            f"{total.parameters:,}",
        )
    yield table
    yield f"exact, for {channels} channels and {classes} classes; parameters are the trainable ones."
    yield "No ImageNet weights are shipped, and the accuracies that the paper reports are not claimed."


def describe_config(config: RunConfig, section: str | None) -> Table:
    """Returns a table of every key with its value, type and meaning.

    Args:
      config: Configuration whose values are shown.
      section: Section to show; None for all keys.

    Raises:
      ScaleNetError: If the section is unknown; the text names the nearest one.
    """
    rows = list(config_rows(config))
    sections = sorted({key.split(".")[0] for key, *_ in rows if "." in key})
    if section is not None and section not in sections:
        raise InvalidInputError(
            f"`section` must be one of {sections}. Received: {section!r}.{nearest(section, sections)}"
        )
    table = Table("key", "value", "type", "meaning", title="configuration", title_justify="left")
    for key, value, kind, meaning in rows:
        if section is None or key.startswith(f"{section}."):
            table.add_row(key, value, kind, meaning)
    return table


def describe_recipe(name: str, members: MembersConfig, stages: int) -> Table:
    """Returns a table of a recipe's keys, with a column for each scaling stage.

    Args:
      name: Name or path of the recipe.
      members: Section `members`, which supplies what the file omits; such values are in brackets.
      stages: Number of scaling stages.
    """
    chosen = members.model_copy(update={"recipe": name})
    recipes = [recipe_of(chosen, stage).model_dump() for stage in range(stages)]
    own = [stated(name, stage) for stage in range(stages)]
    table = Table(
        "key", *(f"S{stage}" for stage in range(stages)), title=f"recipe {name}", title_justify="left"
    )
    for key in Recipe.model_fields:
        values = [_shown(recipe[key]) or "none" for recipe in recipes]
        table.add_row(
            key, *(text if key in part else f"({text})" for text, part in zip(values, own, strict=True))
        )
    table.caption = "(in brackets: as the section members says)"
    return table


def config_rows(model: BaseModel, path: str = "") -> Iterator[tuple[str, str, str, str]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from config_rows(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", _shown(value), _type_name(field.annotation), field.description or ""


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
