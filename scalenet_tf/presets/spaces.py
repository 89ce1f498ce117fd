"""Search spaces that ship with the package, and reading one's own from YAML."""

from __future__ import annotations

import yaml
from pydantic import ValidationError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.resources import read_shipped

NAMES = ("paper", "medium", "small")


def load_space(name_or_path: str) -> SearchSpace:
    """Loads a search space.

    Args:
      name_or_path: "paper", "medium", "small", or the path of a YAML file with the fields of
        `SearchSpace`.

    Returns:
      The space, with its own default of channels and classes; see `SearchSpace.for_data`.

    Raises:
      ScaleNetError: for an unknown name, or naming each field that is wrong.

    Example:
      >>> load_space("paper").stages[0].width
      16
    """
    text = read_shipped("space", name_or_path, NAMES, "scalenet_tf.presets")
    try:
        return SearchSpace.model_validate(yaml.safe_load(text))
    except (ValidationError, yaml.YAMLError) as error:
        raise ScaleNetError(f"the space {name_or_path!r} is not valid: {error}") from error
