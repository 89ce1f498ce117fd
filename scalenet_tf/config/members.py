"""The section `members` of a configuration."""

from __future__ import annotations

from pydantic import Field

from scalenet_tf.config.recipe import Recipe


class MembersConfig(Recipe):
    """Training of the family's members with Keras' fit: the recipe, and how many train at a time."""

    recipe: str | tuple[str, ...] = Field(
        default="default",
        min_length=1,
        description="Recipe whose keys override this section's: default, regularized, efficientnet, adamw or "
        "a YAML file; a list is indexed by scaling stage, its last entry repeating.",
    )
    jobs: int = Field(
        default=1,
        ge=1,
        description="Number of members that train in parallel, each in a process with its share of cores and "
        "GPUs.",
    )
