"""The section `members` of a configuration."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scalenet_tf.config.recipe import Recipe
from scalenet_tf.utils.inputs import Integer, Text


class MembersConfig(Recipe):
    """Training of the family's members with Keras' fit: the recipe, and how many train at a time."""

    recipe: Text | Annotated[tuple[Text, ...], Field(max_length=64)] = Field(
        default="default",
        min_length=1,
        max_length=4096,
        description="Recipe whose keys override this section's: default, regularized or a YAML "
        "file; a list is indexed by scaling stage, its last entry repeating.",
    )
    jobs: Integer = Field(
        default=1,
        ge=1,
        le=1024,
        description="Number of members that train in parallel, each in a process with its share of cores and "
        "GPUs.",
    )
