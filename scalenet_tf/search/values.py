"""The frozen values that the search hands out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

Phase = Literal["start", "base", "scalings", "confirm", "finished"]


@dataclass(frozen=True)
class Evaluation:
    """One subnet to score.

    Attributes:
      number: Position in the search: 0, 1, 2, ….
      scaling_stage: Scaling stage of the subnet, an index into `space.menus`.
      base: Base architecture.
      scaling: Scaling of the base, from the menu of its scaling stage.
      space: Search space of both.
      macs: Multiply-adds of the subnet, for one image.
      epochs: Number of epochs that the subnet is trained for before it is scored; 0 with shared weights.
    """

    number: int
    scaling_stage: int
    base: BaseArchitecture
    scaling: Scaling
    space: SearchSpace = field(repr=False, compare=False)
    macs: int
    epochs: int = 0

    @cached_property
    def subnet(self) -> Subnet:
        """The network to score. A search asks for each `subnet.key` once."""
        return scale(self.space, self.base, self.scaling)


@dataclass(frozen=True)
class Scored:
    """An evaluation with its score, an accuracy in [0, 1]."""

    evaluation: Evaluation
    score: float


@dataclass(frozen=True)
class State:
    """A state of the Markov chain.

    Attributes:
      base: Base architecture.
      scalings: One scaling per scaling stage, S0 first.
      scores: One score per scaling stage; None for a subnet that was not, or could not be, scored.
      macs: Multiply-adds of the subnet of each scaling stage.
      fitness: Weighted mean of the scores.
      round: Round after which the chain was in this state, from 1; 0 if it never was.
    """

    base: BaseArchitecture
    scalings: tuple[Scaling, ...]
    scores: tuple[float | None, ...]
    macs: tuple[int, ...]
    fitness: float
    round: int = 0


def revisited(states: Sequence[tuple[Hashable, Hashable]], restarts: int) -> bool:
    """Returns whether a chain has revisited its earlier states more than `restarts` times.

    Args:
      states: The states in order, as pairs of base and scalings.
      restarts: Number of revisits after which the chain was restarted.
    """
    return len(states) - len(set(states)) > restarts


@dataclass(frozen=True)
class SearchProgress:
    """The progress of a search.

    Attributes:
      round: Round, 1 to `rounds`; 0 at the start.
      rounds: Largest number of rounds.
      phase: "start", "base", "scalings", "confirm" or "finished".
      generation: Generation, 1 to `generations` in phase "base"; else 0.
      generations: Generations per round.
      rung: Rung of successive halving, 1 to `rungs` in phase "base"; else 1.
      rungs: Rungs per generation.
      done: Evaluations of the current batch that are completed.
      total: Evaluations of the current batch: one rung of a generation, a grid of scalings, or all networks
        of the finalists.
      completed: Evaluations that are completed in the whole search.
      cache_hits: Evaluations saved in the whole search because the same network had been scored before.
      best: Highest score of each scaling stage so far; None if it has none.
      scored: Evaluations of each scaling stage that are completed.
      left: Most evaluations of each scaling stage that may still be needed, without the confirmation.
      finalists: Number of finalists that are to be confirmed; 0 for none.
      confirmed: Share of their training that is done, by multiply-adds, in [0, 1].
      failed: Evaluations that failed in the whole search.
    """

    round: int
    rounds: int
    phase: Phase
    generation: int
    generations: int
    rung: int
    rungs: int
    done: int
    total: int
    completed: int
    cache_hits: int
    best: tuple[float | None, ...]
    scored: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    finalists: int = 0
    confirmed: float = 0.0
    failed: int = 0
