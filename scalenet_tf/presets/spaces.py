"""Search spaces by name, or from a YAML file."""

from __future__ import annotations

from pydantic import ValidationError

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.resources import nothing_quoted, read_shipped
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.validation import problems
from scalenet_tf.utils.yaml_text import read_yaml

SPACE_NAMES = ("paper", "medium", "colour32", "small")


def load_space(name_or_path: str) -> SearchSpace:
    """Loads a search space.

    Args:
      name_or_path: "paper", "medium", "colour32", "small", or the path of a YAML file with the fields of
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
    with nothing_quoted("space", name_or_path):
        return parse_space(text, name_or_path)


def parse_space(text: str, name: str = "text") -> SearchSpace:
    """Reads a search space from YAML text.

    Args:
      text: The YAML text, with the fields of `SearchSpace`.
      name: Name of the text in errors.

    Raises:
      ScaleNetError: If the text is not YAML, or fields are not valid; the text names each of them.
    """
    values = read_yaml(text, f"the space {received(name)}")
    try:
        return SearchSpace.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError(f"the space {received(name)} is not valid:\n{problems(error)}") from error
