"""The frozen values that the search hands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

Phase = Literal["start", "base", "scalings", "finished"]


@dataclass(frozen=True)
class Evaluation:
    """One subnet to be scored.

    Attributes:
      number: 0, 1, 2, …: the position in the search.
      stage: The scaling stage, an index into `space.menus`.
      base: The base architecture.
      scaling: Its scaling, of that stage's menu.
      space: The space of them.
      macs: Multiply-adds of the subnet.
    """

    number: int
    stage: int
    base: BaseArchitecture
    scaling: Scaling
    space: SearchSpace = field(repr=False, compare=False)
    macs: int

    @cached_property
    def subnet(self) -> Subnet:
        """The network to score; its `key` never comes up twice in a search."""
        return scale(self.space, self.base, self.scaling)


@dataclass(frozen=True)
class Scored:
    """An evaluation with its score, the accuracy in [0, 1]."""

    evaluation: Evaluation
    score: float


@dataclass(frozen=True)
class State:
    """A state of the Markov chain.

    Attributes:
      base: The base architecture.
      scalings: The scaling of each stage, S0 first.
      scores: The score of each stage's subnet; None where it was not (or could not be) scored.
      macs: Multiply-adds of each stage's subnet.
      fitness: Weighted mean of the scores.
    """

    base: BaseArchitecture
    scalings: tuple[Scaling, ...]
    scores: tuple[float | None, ...]
    macs: tuple[int, ...]
    fitness: float


def came_back(states: Sequence[tuple[Any, Any]], restarts: int) -> bool:
    """Whether a chain's states, pairs of base and scalings, came back to earlier ones once too often."""
    return sum(state in states[:n] for n, state in enumerate(states)) > restarts


@dataclass(frozen=True)
class Progress:
    """How far the search is.

    Attributes:
      round: 0 at the start, then 1, 2, … up to `rounds`.
      rounds: The round limit.
      phase: "start", "base", "scalings" or "finished".
      generation: 1, 2, … up to `generations` in phase "base", else 0.
      generations: The generations of a round.
      heat: 1, 2, … up to `heats`: the part of a generation that is scored, see `racing`; else 1.
      heats: The parts of a generation.
      done: Evaluations told in this batch: a heat of a generation, or a grid of scalings.
      total: Evaluations of this batch.
      told: Evaluations told in the whole search.
      cache_hits: Evaluations saved in the whole search, since their phenotype was asked for before.
      best: The highest score of each scaling stage so far; None where there is none.
    """

    round: int
    rounds: int
    phase: Phase
    generation: int
    generations: int
    heat: int
    heats: int
    done: int
    total: int
    told: int
    cache_hits: int
    best: tuple[float | None, ...]
