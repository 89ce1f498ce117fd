"""Search spaces by name, or from a YAML file."""

from __future__ import annotations

import yaml
from pydantic import ValidationError

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.resources import read_shipped

SPACE_NAMES = ("paper", "medium", "small")


def load_space(name_or_path: str) -> SearchSpace:
    """Loads a search space.

    Args:
      name_or_path: "paper", "medium", "small", or the path of a YAML file with the fields of
        `SearchSpace`.

    Returns:
      The space, with its default channels and classes; see `SearchSpace.for_data`.

    Raises:
      ScaleNetError: If the name is unknown or fields are not valid; the text names each of them.

    Example:
      >>> load_space("paper").stages[0].width
      16
    """
    text = read_shipped("space", name_or_path, SPACE_NAMES, "scalenet_tf.presets")
    try:
        return SearchSpace.model_validate(yaml.safe_load(text))
    except (ValidationError, yaml.YAMLError) as error:
        raise InvalidInputError(f"the space {name_or_path!r} is not valid: {error}") from error
