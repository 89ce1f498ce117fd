"""The space that a configuration asks for: a space's content with the configuration's ladder in it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.space import SearchSpace


def asked_space(config: RunConfig) -> SearchSpace:
    """Loads the space of a configuration, with its `ladder` in place of what the space says.

    Args:
      config: Of the run.

    Returns:
      The space: its first `ladder.stages` menus, its budget changed in what the ladder gives.

    Raises:
      ScaleNetError: for an unknown space, or a ladder that does not fit it.

    Example:
      >>> len(asked_space(load_config("quickstart", ["ladder.stages=2"])).menus)
      2
    """
    space = load_space(config.space)
    given = config.ladder.model_dump(mode="json", exclude_none=True)
    stages = given.pop("stages", len(space.menus))
    if stages > len(space.menus):
        raise ScaleNetError(
            f"`ladder.stages` must be at most the {len(space.menus)} scaling stages of space {space.name!r}, "
            f"S0 included. Received: {stages}. Add menus to the space, or let scale.extra_stages extrapolate."
        )
    values: dict[str, Any] = space.model_dump(mode="json")
    values |= {"menus": values["menus"][:stages], "budget": {**values["budget"], **given}}
    try:
        return SearchSpace.model_validate(values)
    except ValidationError as error:
        raise ScaleNetError(
            f"`ladder` does not fit space {space.name!r}: {error.errors()[0]['msg']}"
        ) from error
