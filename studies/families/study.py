"""Everything that determines the results of the study, and its sizes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field

from scalenet_tf.config import DataConfig
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.value import Value
from studies.common.study import StudyKind, StudyValue
from studies.common.training import Training

FIRST_TUNING_SEED = 1000
PIXELS = 20


class Tuned(Value):
    """The hyperparameters of searches with a super-supernet, tuned over the same grid for each way.

    Attributes:
      learning_rate: Peak learning rate of the super-supernets.
      training: Share of the budget, 0 to 1, that trains the super-supernets; the rest scores subnets.
    """

    learning_rate: float
    training: float

    def __str__(self) -> str:
        return f"lr{self.learning_rate:g}_t{self.training:g}"


class TrialLength(Value):
    """The hyperparameter of searches by Keras Tuner.

    Attributes:
      images: Number of images that a trial trains a network with.
    """

    images: int

    def __str__(self) -> str:
        return f"i{self.images}"


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: The images, before `subset` is taken.
      space_file: File of the space in this folder. The narrow one is that of an earlier study, whose families
        `studies.extrapolation` extrapolates.
      channels: Channels of the images: 1 for grey, 3 for colour.
      subset: Numbers of training and validation images, stratified. None: the splits of the source.
      source_images: Number of images of the source's training split, of which `subset` is a part.
      stages: Number of scaling stages that are searched, the first ones of the space.
      macs: Multiply-adds of a search at budget 1: forward and backward passes of training steps, forward
        passes of scores.
      budgets: Budgets in units of `macs`, rising. Joint and independent search at all of them, other ways at
        the last one.
      tuned_at: The budget, one of `budgets`, at which the ways are tuned.
      learning_rates: Peak learning rates of the tuning grid of super-supernets.
      training_shares: Training shares of the tuning grid of super-supernets.
      trial_images: Tuning grid of Keras Tuner's searches: images that a trial trains with.
      keras_budget: The budget, one of `budgets`, of Keras Tuner's searches.
      seeds: Number of seeds that are reported: 0, 1, …; a seed determines splits, weights and searches.
      tuning_seeds: Number of seeds that tune: 1000, 1001, …
      random: Number of random families per seed.
      batch_size: Images per training step of a super-supernet.
      warmup: Fraction of a training, 0 to 1, over which the learning rate rises.
      calibration_images: Images that recalibrate batch norm for a score.
      validation_images: Images that measure a score.
      scoring_batch_size: Images per forward pass of a score.
      population: As `search.population`.
      generations: As `search.generations`.
      start_bases: As `search.start_bases`.
      halving: As `search.halving`.
      trained_validation_images: Validation images that measure a network trained by Keras Tuner, or a
        finalist.
      finalists: Number of families that the way "confirmed" trains before it chooses.
      finalist_images: Training images for each network of a finalist.
      finalist_learning_rate: Peak learning rate of finalists, which start from the super-supernet's weights.
      images: Number of training images in a training from scratch, repetitions included.
      scratch_batch_size: Images per step of a training from scratch.
      scratch_learning_rate: Peak learning rate of a training from scratch.
      test_images: Images that measure the accuracy of a member.
      tolerance: Largest relative distance in multiply-adds, from growth^stage times the base, of members by
        the compound rule; for published architectures from the budget of their stage.
    """

    space_file: Literal["narrow_space.yaml", "wide_space.yaml"] = "wide_space.yaml"
    channels: Literal[1, 3] = 1
    subset: tuple[int, int] | None = (20_000, 5_000)
    source_images: int = Field(default=60_000, ge=1)
    stages: int = Field(default=4, ge=2)
    macs: float = Field(default=5e10, gt=0)
    budgets: tuple[float, ...] = (1, 2, 4, 8)
    tuned_at: float = 2
    learning_rates: tuple[float, ...] = (0.4,)
    training_shares: tuple[float, ...] = (0.5, 0.8)
    trial_images: tuple[int, ...] = (6_000,)
    keras_budget: float = 8
    seeds: int = Field(default=5, ge=1)
    tuning_seeds: int = Field(default=1, ge=1)
    random: int = Field(default=4, ge=1)
    batch_size: int = Field(default=64, ge=1)
    warmup: float = 0.05
    calibration_images: int = 250
    validation_images: int = 500
    scoring_batch_size: int = 250
    population: int = 8
    generations: int = 2
    # In wide menus each start base would score hundreds of scalings.
    start_bases: int = 0
    halving: float = Field(default=0.25, gt=0, le=1)
    trained_validation_images: int = 2_500
    finalists: int = Field(default=2, ge=1)
    finalist_images: int = 6_000
    finalist_learning_rate: float = 0.1
    images: int = Field(default=16_000, ge=1)
    scratch_batch_size: int = 64
    scratch_learning_rate: float = 0.2
    test_images: int = 5_000
    tolerance: float = 0.1

    @classmethod
    def of_size(cls, size: str, data: DataConfig, seeds: int | None = None) -> Study:
        """A study of one of `SIZES`, with its number of seeds or another one."""
        study = cls.model_validate({"data": data, **SIZES[size]})
        return study if seeds is None else study.model_copy(update={"seeds": seeds})

    @property
    def grid(self) -> tuple[Tuned, ...]:
        """The tuning grid of searches with a super-supernet."""
        pairs = itertools.product(self.learning_rates, self.training_shares)
        return tuple(Tuned(learning_rate=rate, training=share) for rate, share in pairs)

    @property
    def trial_grid(self) -> tuple[TrialLength, ...]:
        """The tuning grid of searches by Keras Tuner."""
        return tuple(TrialLength(images=images) for images in self.trial_images)

    @property
    def images_config(self) -> DataConfig:
        """The images at 20 pixels, and the subset of them."""
        changes: dict[str, object] = {"image_size": PIXELS}
        if self.subset is not None:
            train, validation = self.subset
            changes |= {"train_images": train, "validation_fraction": validation / self.source_images}
        return self.data.model_copy(update=changes)

    @property
    def space(self) -> SearchSpace:
        """The space of the joint search, with all stages."""
        space = SearchSpace.model_validate(
            yaml.safe_load(Path(__file__).with_name(self.space_file).read_text())
        )
        return space.model_copy(update={"menus": space.menus[: self.stages], "channels": self.channels})

    def stage_space(self, stage: int) -> SearchSpace:
        """The space of one stage that is searched on its own.

        Its first menu is that of S0, because the budget of a base is defined there; unless S0 is the stage,
        that menu is neither trained nor scored.
        """
        space = self.space
        menus = (space.menus[0], space.menus[stage]) if stage else (space.menus[0],)
        growth = space.budget.growth ** max(stage, 1)
        budget = space.budget.model_copy(update={"growth": growth})
        return space.model_copy(update={"name": f"{space.name}-s{stage}", "menus": menus, "budget": budget})

    @property
    def training(self) -> Training:
        """How each member is trained from scratch."""
        return Training(
            self.images, self.scratch_batch_size, self.scratch_learning_rate, self.warmup, self.test_images
        )

    def short_training(self, images: int, learning_rate: float) -> Training:
        """How a search trains a network to choose it by its validation accuracy."""
        measured = self.trained_validation_images
        return Training(
            images, self.scratch_batch_size, learning_rate, self.warmup, measured, split="validation"
        )


# quick: minutes, its results mean nothing. wide: hours on two cores. colour: CIFAR-10, with longer trainings.
# full: all of Fashion-MNIST.
SIZES: dict[str, dict[str, object]] = {
    "quick": {
        "subset": None,
        "stages": 2,
        "macs": 4e8,
        "budgets": (1,),
        "tuned_at": 1,
        "learning_rates": (0.1,),
        "training_shares": (0.5,),
        "trial_images": (64,),
        "keras_budget": 1,
        "seeds": 1,
        "random": 1,
        "batch_size": 8,
        "calibration_images": 16,
        "validation_images": 16,
        "scoring_batch_size": 16,
        "population": 2,
        "generations": 1,
        "trained_validation_images": 50,
        "finalists": 1,
        "finalist_images": 64,
        "images": 64,
        "scratch_batch_size": 16,
        "test_images": 50,
    },
    "wide": {},
    "colour": {
        "channels": 3,
        "source_images": 50_000,
        "trial_images": (12_000,),
        "finalist_images": 12_000,
        "images": 48_000,
        "test_images": 10_000,
    },
    # 55,000 images; up to 8e12 multiply-adds per search; 10 epochs from scratch.
    "full": {
        "subset": (55_000, 5_000),
        "macs": 1e12,
        "learning_rates": (0.2, 0.4, 0.8),
        "training_shares": (0.4, 0.6, 0.8),
        "trial_images": (25_000, 50_000, 100_000, 200_000),
        "tuning_seeds": 3,
        "random": 5,
        "calibration_images": 500,
        "validation_images": 2_500,
        "population": 16,
        "finalist_images": 50_000,
        "images": 550_000,
    },
}

KIND = StudyKind(
    "studies.families",
    Study,
    ("members", "published", "searches"),
    "studies/families/data/shared.jsonl",
    growing=("seeds", "random"),
)
