"""The table as a search problem, and the record of what a search evaluates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scalenet_tf.space import BaseArchitecture
from studies.nas_bench_macro.neighbours import neighbours
from studies.nas_bench_macro.table import Table, code_of


@dataclass(frozen=True)
class Problem:
    """The table as a search problem: the score of a network is the mean of its three accuracies.

    Attributes:
      table: The table.
    """

    table: Table

    @property
    def size(self) -> int:
        """Number of networks."""
        return len(self.table.networks)

    @cached_property
    def scores(self) -> list[float]:
        """Score of each network, 0 to 1."""
        found: list[float] = self.table.means.tolist()
        return found

    @cached_property
    def numbers(self) -> dict[BaseArchitecture, int]:
        """Number of each network."""
        return {network.base: number for number, network in enumerate(self.table.networks)}

    @cached_property
    def by_code(self) -> dict[str, int]:
        """Number of each network, by its code in the table."""
        space = self.table.space
        return {code_of(network.base, space): n for n, network in enumerate(self.table.networks)}

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """Numbers of the one-edit neighbours of each network."""
        return neighbours(self.table)


class Evaluations:
    """Scores networks, and keeps the order in which they were first asked for.

    Args:
      problem: The problem.
      most: Number of evaluations after which `spent` is true, and the search stops.

    Attributes:
      order: Numbers of the evaluated networks.
    """

    def __init__(self, problem: Problem, most: int) -> None:
        self._problem, self._most = problem, most
        self.order: list[int] = []
        self._seen: set[int] = set()

    @property
    def spent(self) -> bool:
        """Whether the evaluations are used up."""
        return len(self.order) >= self._most

    @property
    def count(self) -> int:
        """Number of networks that were scored."""
        return len(self.order)

    def score(self, number: int) -> float:
        """The score of a network, 0 to 1."""
        if number not in self._seen:
            self._seen.add(number)
            self.order.append(number)
        return self._problem.scores[number]
