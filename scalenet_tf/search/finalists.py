"""The finalists of a search: its best distinct states, whose networks are trained to choose the family."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, encode
from scalenet_tf.costs.macs import costs
from scalenet_tf.sampling.feasible import base_scaling, fits_stage, meets_budget
from scalenet_tf.search.candidates import phenotypes
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.operators import fitness
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import State
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale


@dataclass(frozen=True)
class Finalist:
    """A state that is to be confirmed.

    Attributes:
      round: Round after which the chain was in this state; None for a base of the archive with its best
        scalings.
      state: The state, with inherited scores.
      phenotypes: Keys of its networks, S0 first.
    """

    round: int | None
    state: State
    phenotypes: tuple[bytes, ...]


def choose_finalists(problem: SearchProblem, search: Mcea, most: int) -> tuple[Finalist, ...]:
    """Returns the best distinct states of a search, by fitness.

    These are the states of the chain, and each base of the archive at the best of the scalings that were
    scored for it and meet the budgets and the criteria. States are distinct if any of their networks differ.
    Of equals, the chain's states come first, in the order of their rounds.

    Args:
      problem: The search.
      search: Core of the search, whose chain has ended.
      most: Largest number of states.
    """
    found: dict[tuple[bytes, ...], Finalist] = {}
    for state in (*search.trajectory, *_archive_states(problem, search)):
        encoded = encode(problem.space, [state.base])
        keys = tuple(phenotypes(problem.space, encoded, scaling)[0] for scaling in state.scalings)
        if not math.isnan(state.fitness):
            found.setdefault(keys, Finalist(state.round or None, state, keys))
    return tuple(sorted(found.values(), key=lambda finalist: -finalist.state.fitness)[:most])


@dataclass(frozen=True)
class _Option:
    """A scaling of a base, with the accuracy and the multiply-adds of its network."""

    scaling: Scaling
    accuracy: float | None
    value: float
    macs: int


def _archive_states(problem: SearchProblem, search: Mcea) -> Iterator[State]:
    bases = list(dict.fromkeys(entry.evaluation.base for entry in search.archive))
    if not bases:
        return
    encoded, weights = encode(problem.space, bases), problem.stage_weights()
    feasible = meets_budget(problem.space, encoded, criteria=problem.criteria)
    stages = [_best_options(problem, search, bases, encoded, stage) for stage in range(len(weights))]
    for index, base in enumerate(bases):
        options = [stage[index] for stage in stages]
        if not feasible[index] or any(option is None for option in options):
            continue
        chosen = [option for option in options if option is not None]
        yield State(
            base=base,
            scalings=tuple(option.scaling for option in chosen),
            scores=tuple(option.accuracy for option in chosen),
            macs=tuple(option.macs for option in chosen),
            fitness=fitness([option.value for option in chosen], weights),
        )


def _best_options(
    problem: SearchProblem, search: Mcea, bases: Sequence[BaseArchitecture], encoded: EncodedBases, stage: int
) -> list[_Option | None]:
    """Returns the best scored scaling of each base in one stage, the first of equals; None without one."""
    space, accuracies = problem.space, search.accuracies
    base_macs = costs(space, encoded, base_scaling(space))[:, 0]
    best: list[_Option | None] = [None] * len(bases)
    if stage == 0 and not problem.stage_weights()[0]:
        # Not scored, since it does not count; the base has no other scaling there.
        return [_Option(base_scaling(space), None, math.nan, int(macs)) for macs in base_macs]
    for scaling in space.menus[stage].scalings():
        keys = phenotypes(space, encoded, scaling)
        known = np.flatnonzero([accuracies.get(key) is not None for key in keys])
        if not len(known):
            continue
        fits = fits_stage(space, encoded[known], base_macs[known], scaling, stage, problem.criteria)
        macs = costs(space, encoded, scaling)[:, 0]
        for index in known[fits].tolist():
            accuracy = accuracies[keys[index]]
            assert accuracy is not None  # noqa: S101 (it is known)
            value = problem.criteria.value(scale(space, bases[index], scaling), accuracy)
            current = best[index]
            if current is None or value > current.value:
                best[index] = _Option(scaling, accuracy, value, int(macs[index]))
    return best
