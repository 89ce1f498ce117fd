"""The section `search` of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from scalenet_tf.config.recipe import Fraction
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value


class SearchConfig(Value):
    """The Markov-chain evolutionary search."""

    # Former names of keys: refused in favour of the new ones, but read from the config.yaml of a run.
    RENAMED: ClassVar[Mapping[str, str]] = {"race": "halving"}

    rounds: Integer = Field(
        default=4,
        ge=1,
        le=10**5,
        description="Largest number of rounds; each one searches the base, then the scalings.",
    )
    start_bases: Integer = Field(
        default=4,
        ge=0,
        le=10**4,
        description="Random bases that score each scaling at the start; 0 to start from random scalings. A "
        "scaling that fits fewer of the 512 bases that are drawn is left out, so a large value leaves few.",
    )
    restarts: Integer = Field(
        default=100,
        ge=0,
        le=10**6,
        description="How often a chain that revisits an earlier state restarts within its rounds.",
    )
    population: Integer = Field(default=16, ge=2, le=10**5, description="Number of bases in a generation.")
    generations: Integer = Field(default=4, ge=1, le=10**5, description="Number of generations in a round.")
    halving: Real = Field(
        default=0.25,
        gt=0,
        le=1,
        description="Successive halving: share of a generation that advances from each scaling stage to the "
        "next, smallest stage first; 1 to score every base in all stages.",
    )
    mutation_rate: Fraction = Field(
        default=0.1, description="Probability that mutation changes a depth or an op."
    )
    crossover_rate: Fraction = Field(
        default=0.5, description="Probability that a base has two parents, each giving about half the stages."
    )
    stage_weights: tuple[Real, ...] | None = Field(
        default=None,
        max_length=32,
        description="Weight of each scaling stage in the fitness of a base, S0 first. The smallest stages "
        "decide which bases advance: raise `halving` if their weights are small. Default: equal weights.",
    )
    warm_start: Text | None = Field(
        default=None,
        description="Earlier search whose bases the chain starts from: a run, a result.json, or `published` "
        "for the paper's base.",
    )
    confirm: Integer = Field(
        default=0,
        ge=0,
        le=100,
        description="Number of finalists, the best distinct states of the search, that are trained for a few "
        "epochs to choose the family among them; 0 to take the best state as it is.",
    )
    confirm_epochs: Integer = Field(
        default=2,
        ge=1,
        le=10**6,
        description="Number of epochs that each network of a finalist is trained for.",
    )
    confirm_start: Literal["supernet", "scratch"] = Field(
        default="supernet",
        description="Initial weights of the finalists: those of the super-supernet, or new ones (scratch).",
    )
    recalibration_images: Integer = Field(
        default=512, ge=1, le=10**9, description="Training images for the recalibration of batch norm."
    )
    validation_images: Integer | None = Field(
        default=None,
        ge=1,
        le=10**9,
        description="Validation images that score a candidate, a random draw. Default: all.",
    )
    batch_size: Integer = Field(
        default=256,
        ge=1,
        le=10**6,
        description="Images per batch in recalibration and in every evaluation.",
    )
