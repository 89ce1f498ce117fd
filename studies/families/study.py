"""What the whole story is made of: a frozen value, stored beside its results."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from scalenet_tf.config import DataConfig
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.value import Value
from studies.common.train_from_scratch import Training

FIRST_TUNING_SEED = 1000
PIXELS = 20


class Tuned(Value):
    """What is tuned, of either side over the same grid.

    Attributes:
      learning_rate: Peak, of the super-supernets.
      training: Share of the budget's multiply-adds that trains them; the rest scores subnets.
    """

    learning_rate: float
    training: float

    def __str__(self) -> str:
        return f"lr{self.learning_rate:g}_t{self.training:g}"


class Study(Value):
    """Everything that decides the results.

    Attributes:
      data: Images, before `subset`.
      space_file: The space, beside this file: menus that reach far, or narrow ones.
      subset: Images of train and of validation, stratified; None where the source has its own splits.
      stages: Scaling stages of the space that are searched, the first ones.
      macs: Multiply-adds of a search at budget 1: forward and backward passes of training steps, forward
        passes of scores.
      budgets: Times `macs`, in rising order; the last one's compound family is trained too.
      tuned_at: The budget, one of `budgets`, at which both sides are tuned.
      learning_rates, training_shares: The grid that either side is tuned over, unless it is one point.
      seeds: That are reported: 0, 1, …; each decides splits, weights, orders and searches.
      tuning_seeds: 1000, 1001, …
      random: Random families of each seed.
      calibration_images, validation_images: Of a score.
      images: That a training from scratch runs through its network.
      tolerance: Allowed relative distance of the compound rule's members from growth^s times the base.
    """

    data: DataConfig
    space_file: Literal["story_space.yaml", "wide_space.yaml"] = "story_space.yaml"
    subset: tuple[int, int] | None = (20_000, 5_000)
    stages: int = Field(default=4, ge=2)
    macs: float = Field(default=1.5e11, gt=0)
    budgets: tuple[float, ...] = (1, 2, 4, 8)
    tuned_at: float = 2
    learning_rates: tuple[float, ...] = (0.3, 0.6)
    training_shares: tuple[float, ...] = (0.5, 0.8)
    seeds: int = Field(default=3, ge=1)
    tuning_seeds: int = Field(default=1, ge=1)
    random: int = Field(default=2, ge=1)
    batch_size: int = Field(default=32, ge=1)
    warmup: float = 0.05
    calibration_images: int = 250
    validation_images: int = 500
    scoring_batch_size: int = 250
    population: int = 8
    generations: int = 2
    start_bases: int = 1
    race: float = Field(default=1, gt=0, le=1)
    images: int = Field(default=24_000, ge=1)
    scratch_batch_size: int = 128
    scratch_learning_rate: float = 0.2
    test_images: int = 10_000
    tolerance: float = 0.1

    @classmethod
    def of_size(cls, size: str, data: DataConfig) -> Study:
        """A preset: see `SIZES`."""
        return cls.model_validate({"data": data, **SIZES[size]})

    @property
    def grid(self) -> tuple[Tuned, ...]:
        """What either side is tuned over."""
        pairs = itertools.product(self.learning_rates, self.training_shares)
        return tuple(Tuned(learning_rate=rate, training=share) for rate, share in pairs)

    @property
    def images_config(self) -> DataConfig:
        """The data at so few pixels, and so few of them."""
        changes: dict[str, object] = {"image_size": PIXELS}
        if self.subset is not None:
            train, validation = self.subset
            changes |= {"train_images": train, "validation_fraction": validation / 60_000}
        return self.data.model_copy(update=changes)

    @property
    def space(self) -> SearchSpace:
        """The space with all stages, which the joint search works on."""
        space = SearchSpace.model_validate(
            yaml.safe_load(Path(__file__).with_name(self.space_file).read_text())
        )
        return space.model_copy(update={"menus": space.menus[: self.stages]})

    def stage_space(self, stage: int) -> SearchSpace:
        """The space of one stage searched on its own.

        The base's own menu stays: a base is what has the budget's multiply-adds there. It is neither
        trained nor scored, except where it is the stage.
        """
        space = self.space
        menus = (space.menus[0], space.menus[stage]) if stage else (space.menus[0],)
        growth = space.budget.growth ** max(stage, 1)
        budget = space.budget.model_copy(update={"growth": growth})
        return space.model_copy(update={"name": f"story-s{stage}", "menus": menus, "budget": budget})

    @property
    def training(self) -> Training:
        """Of each network from scratch."""
        return Training(
            self.images, self.scratch_batch_size, self.scratch_learning_rate, self.warmup, self.test_images
        )


WIDE: dict[str, object] = {
    "space_file": "wide_space.yaml",
    "batch_size": 64,
    # Of wide menus a start would score hundreds of scalings.
    "start_bases": 0,
    "race": 0.25,
    "random": 3,
}

# A minute without meaning; an hour and a half of one core, whose members differ; the first study, whose did
# not; all of Fashion-MNIST.
SIZES: dict[str, dict[str, object]] = {
    "quick": {
        "subset": None,
        "stages": 2,
        "macs": 4e8,
        "budgets": (1,),
        "tuned_at": 1,
        "learning_rates": (0.1,),
        "training_shares": (0.5,),
        "seeds": 1,
        "random": 1,
        "batch_size": 8,
        "calibration_images": 16,
        "validation_images": 16,
        "scoring_batch_size": 16,
        "population": 2,
        "generations": 1,
        "images": 64,
        "scratch_batch_size": 16,
        "test_images": 50,
    },
    "wide": WIDE,
    "narrow": {},
    # All 55,000 images; up to 1,000 times 8e9 multiply-adds for a search, 10 epochs from scratch.
    "full": {
        **WIDE,
        "subset": (55_000, 5_000),
        "macs": 1e12,
        "learning_rates": (0.2, 0.4, 0.8),
        "training_shares": (0.4, 0.6, 0.8),
        "tuning_seeds": 3,
        "random": 5,
        "calibration_images": 500,
        "validation_images": 2_500,
        "population": 16,
        "images": 550_000,
    },
}
