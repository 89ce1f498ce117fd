"""pymoo's NSGA-II over integers, restarted when it scores nothing new."""

from __future__ import annotations

from typing import Any, Protocol

from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import Callback
from pymoo.core.problem import Problem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.optimize import minimize

PARAMETERS = tuple({"population": population, "eta": eta} for population in (8, 16, 32) for eta in (3, 15))
STARTS = 50
_GENERATIONS = 1000
_PATIENCE = 10  # generations without a new network after which it ends
MATINGS = 100  # pymoo's own limit


class Record(Protocol):
    """The record of what a search has scored."""

    @property
    def spent(self) -> bool:
        """Whether the evaluations are used up."""

    @property
    def count(self) -> int:
        """Number of networks that were scored."""


def evolve(
    problem: Problem,
    sampling: Any,
    parameters: dict[str, int],
    seed: int,
    record: Record,
    matings: int = MATINGS,
) -> None:
    """Runs NSGA-II until the evaluations are used up, or nothing new is scored any more.

    Args:
      problem: The problem, over integers.
      sampling: The first population, or an operator that draws it.
      parameters: One of `PARAMETERS`.
      seed: Seed of the run.
      record: Record of what the problem scores.
      matings: How often a generation mates at most to have as many new children as parents. Once a population
        has converged, nearly all children repeat their parents, and the rest of the time goes here.
    """
    algorithm = NSGA2(
        pop_size=parameters["population"],
        sampling=sampling,
        crossover=SBX(prob=0.9, eta=parameters["eta"], vtype=float, repair=RoundingRepair()),
        mutation=PM(eta=parameters["eta"], vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    algorithm.mating.n_max_iterations = matings
    stop = ("n_gen", _GENERATIONS)
    minimize(problem, algorithm, stop, seed=seed, callback=_Stop(record), verbose=False)


class _Stop(Callback):
    """Ends a run that has used up its evaluations, or scores nothing new any more."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record
        self._known, self._since = 0, 0

    def update(self, algorithm: Any) -> None:
        self._since = 0 if self._record.count > self._known else self._since + 1
        self._known = self._record.count
        if self._record.spent or self._since == _PATIENCE:
            algorithm.termination.force_termination = True
