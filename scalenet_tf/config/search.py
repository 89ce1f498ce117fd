"""The section `search` of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from scalenet_tf.config.recipe import Fraction
from scalenet_tf.utils.value import Value


class SearchConfig(Value):
    """The Markov-chain evolutionary search."""

    # Former names of keys: refused in favour of the new ones, but read from the config.yaml of a run.
    RENAMED: ClassVar[Mapping[str, str]] = {"race": "halving"}

    rounds: int = Field(
        default=4,
        ge=1,
        description="Largest number of rounds; each one searches the base, then the scalings.",
    )
    start_bases: int = Field(
        default=4,
        ge=0,
        description="Random bases that score each scaling at the start; 0 to start from random scalings.",
    )
    restarts: int = Field(
        default=100,
        ge=0,
        description="How often a chain that revisits an earlier state restarts within its rounds.",
    )
    population: int = Field(default=16, ge=2, description="Number of bases in a generation.")
    generations: int = Field(default=4, ge=1, description="Number of generations in a round.")
    halving: float = Field(
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
    stage_weights: tuple[float, ...] | None = Field(
        default=None,
        description="Weight of each scaling stage in the fitness of a base, S0 first. The smallest stages "
        "decide which bases advance: raise `halving` if their weights are small. Default: equal weights.",
    )
    warm_start: str | None = Field(
        default=None,
        description="Earlier search whose bases the chain starts from: a run, a result.json, or `published` "
        "for the paper's base.",
    )
    confirm: int = Field(
        default=0,
        ge=0,
        description="Number of finalists, the best distinct states of the search, that are trained for a few "
        "epochs to choose the family among them; 0 to take the best state as it is.",
    )
    confirm_epochs: int = Field(
        default=2, ge=1, description="Number of epochs that each network of a finalist is trained for."
    )
    confirm_start: Literal["supernet", "scratch"] = Field(
        default="supernet",
        description="Initial weights of the finalists: those of the super-supernet, or new ones (scratch).",
    )
    recalibration_images: int = Field(
        default=512, ge=1, description="Training images for the recalibration of batch norm."
    )
    validation_images: int | None = Field(
        default=None, ge=1, description="Validation images that score a candidate. Default: all."
    )
    batch_size: int = Field(
        default=256, ge=1, description="Images per batch in recalibration and in every evaluation."
    )
