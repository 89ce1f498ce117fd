"""Everything that determines the results of the study, and the recipes that it compares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from scalenet_tf.config import (
    RECIPE_NAMES,
    DataConfig,
    MembersConfig,
    Recipe,
    RunConfig,
    load_config,
    recipe_of,
)
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.value import Value
from studies.common.length import of_length
from studies.common.study import StudyKind, StudyValue

_WARMUP = 0.05  # of a super-supernet's training, as in the shipped configurations


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images.
      config: Shipped configuration whose space, super-supernet and section `members` are taken.
      seeds: Number of seeds: 0, 1, …; a seed determines splits, super-supernet and trainings.
      stages: Scaling stages, each with one subnet within its budget.
      steps: Training steps of the super-supernet. None: those of the configuration.
      epochs: Epochs of members, inherited or not. None: those of the configuration.
      recipes: Names of shipped recipes.
    """

    data: DataConfig
    config: Literal["quickstart", "colour32"] = "quickstart"
    seeds: int = Field(default=3, ge=1)
    stages: tuple[int, ...] = (0, 2)
    steps: int | None = None
    epochs: int | None = None
    recipes: tuple[str, ...] = RECIPE_NAMES

    def run(self, seed: int) -> RunConfig:
        """The run of a seed, which its super-supernet is trained in."""
        shipped = load_config(self.config)
        # The augmentation of the configuration, for the images of the study.
        data = self.data.model_copy(update={"augmentation": shipped.data.augmentation})
        supernet = of_length(shipped.supernet, self.steps or shipped.supernet.steps, _WARMUP)
        return shipped.model_copy(update={"seed": seed, "data": data, "supernet": supernet})

    def recipe(self, name: str, stage: int) -> Recipe:
        """The recipe of a scaling stage; all have the same number of epochs, whatever their files say.

        Raises:
          ScaleNetError: If the recipe was measured by another version, and is no more.
        """
        if name not in RECIPE_NAMES:
            raise ScaleNetError(f"the recipe {name!r} of this study is of another version of the package")
        shipped = load_config(self.config).members
        config = MembersConfig.model_validate({**shipped.model_dump(), "recipe": name})
        own = recipe_of(config, stage)
        epochs = self.epochs or shipped.epochs_at(stage)
        return own.model_copy(update={"epochs": epochs, "scratch_epochs": epochs})


def member_item(recipe: str, stage: int, seed: int) -> str:
    """Name of the item of a trained member."""
    return f"members/{recipe}_s{stage}_{seed}"


class Size(Value):
    """The amounts of a study.

    Attributes:
      config: As `Study.config`.
      train_images: Number of training images. None: all.
      steps: As `Study.steps`.
      epochs: As `Study.epochs`.
    """

    config: Literal["quickstart", "colour32"]
    train_images: int | None
    steps: int | None = None
    epochs: int | None = None


SIZES: Mapping[str, Size] = MappingProxyType(
    {
        "grey": Size(config="quickstart", train_images=16_000),
        "colour": Size(config="colour32", train_images=20_000, steps=2_000, epochs=8),
        "quick": Size(config="quickstart", train_images=None, steps=2, epochs=1),
    }
)

KIND = StudyKind("studies.recipes", Study, ("supernet", "members"), "studies/recipes/data/colour.jsonl")
