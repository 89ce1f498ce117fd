"""Recipe files: the keys that a file sets for a scaling stage, and the recipe that results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from scalenet_tf.config.load import read_mapping
from scalenet_tf.config.recipe import FORMER_RECIPES, RECIPE_NAMES, Recipe
from scalenet_tf.config.teacher import is_path
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils.resources import nothing_quoted, read_shipped
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.validation import check_keys, problems

if TYPE_CHECKING:
    from scalenet_tf.config import MembersConfig


def recipe_of(config: MembersConfig, stage: int) -> Recipe:
    """Returns the recipe of one scaling stage: the section `members` with the keys of its recipe file.

    Args:
      config: Section `members`. Its `recipe` is one file for all scaling stages, or a list of one per stage.
      stage: Scaling stage, 0 for the base.

    Returns:
      The complete recipe.

    Raises:
      ScaleNetError: If the file or a key is unknown (the text names the nearest valid key), or a value is not
        valid.

    Example:
      >>> recipe_of(MembersConfig(recipe="regularized"), 2).dropout
      0.2
    """
    name = recipe_name(config, stage)
    own = {field: getattr(config, field) for field in Recipe.model_fields}
    try:
        return Recipe.model_validate({**own, **stated(name, stage)})
    except ValidationError as error:
        raise InvalidInputError(f"the recipe {name!r} is not valid:\n{problems(error)}") from error


def recipe_name(config: MembersConfig, stage: int) -> str:
    """Returns the name or path of the recipe of one scaling stage.

    Args:
      config: Section `members`. The last entry of a list of recipes repeats.
      stage: Scaling stage, 0 for the base.

    Example:
      >>> recipe_name(MembersConfig(recipe=("default", "own.yaml")), 3)
      'own.yaml'
    """
    names = (config.recipe,) if isinstance(config.recipe, str) else config.recipe
    return names[min(stage, len(names) - 1)]


def stated(name_or_path: str, stage: int) -> dict[str, object]:
    """Returns the keys that a recipe file sets for a scaling stage.

    Args:
      name_or_path: "default", "regularized", or the path of a YAML file.
      stage: Scaling stage, 0 for the base.

    Returns:
      The keys of the file's base, overridden by its own, overridden by those of the stage.

    Raises:
      ScaleNetError: If the file or a key is unknown, or a value is not valid.
    """
    names = FORMER_RECIPES if name_or_path in FORMER_RECIPES else RECIPE_NAMES
    text = read_shipped("recipe", name_or_path, names, "scalenet_tf.config.recipes")
    with nothing_quoted("recipe", name_or_path):
        values: Any = read_mapping(text, f"`recipe` {received(name_or_path)}")
        _check(values, name_or_path)
    base, stages = values.pop("base", None), values.pop("stages", [{}])
    below = {} if base is None else stated(base, stage)
    return {**below, **values, **stages[min(stage, len(stages) - 1)]}


def _check(values: dict[str, Any], name: str) -> None:
    check_keys(Recipe, values, also=("base", "stages"))
    base = values.get("base")
    # Only shipped recipes, which have no base themselves: there can be no cycle.
    if base is not None and base not in RECIPE_NAMES:
        raise InvalidInputError(
            f"`base` of the recipe {name!r} must be one of {list(RECIPE_NAMES)}. Received: "
            f"{received(base)}.{nearest(str(base), RECIPE_NAMES)}"
        )
    stages = values.get("stages", [{}])
    if not isinstance(stages, list) or not stages or not all(isinstance(part, dict) for part in stages):
        raise InvalidInputError(
            f"`stages` of the recipe {name!r} must be a list with the keys of each scaling stage, such as "
            f"[{{dropout: 0.1}}, {{dropout: 0.2}}]. Received: {received(stages)}"
        )
    for index, part in enumerate(stages):
        check_keys(Recipe, part, f"stages.{index}.")
    for part in (values, *stages):
        teacher = part.get("teacher")
        # Recipe files are read at every start, from whatever working directory.
        if isinstance(teacher, str) and is_path(teacher) and not os.path.isabs(teacher):
            raise InvalidInputError(
                f"`teacher` of the recipe {name!r} must be an absolute path, or none, largest or a member "
                f"such as s4. Received: {received(teacher)}"
            )
