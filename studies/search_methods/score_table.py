"""The tabulated search problem, and the scorer that counts what a search evaluates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studies.search_methods.states import Option, States


@dataclass(frozen=True)
class ScoreTable:
    """A search problem whose every score is known.

    Attributes:
      states: All feasible states.
      scores: Score of each network, 0 to 1, by its key.
    """

    states: States
    scores: dict[str, float]

    @property
    def size(self) -> int:
        """Number of networks."""
        return len(self.owners)

    @property
    def stages(self) -> int:
        """Number of scaling stages."""
        return len(self.states.space.menus)

    @cached_property
    def owners(self) -> dict[str, list[tuple[int, int]]]:
        """The (base, stage) pairs of each network, by its key."""
        owners = defaultdict(list)
        for base, menus in enumerate(self.states.options):
            for stage, menu in enumerate(menus):
                for option in menu:
                    owners[option.key].append((base, stage))
        return dict(owners)

    def best(self, menu: tuple[Option, ...]) -> Option:
        """The option with the highest score."""
        return max(menu, key=lambda option: self.scores[option.key])

    def value(self, options: list[Option]) -> float:
        """The mean score of a family."""
        return float(np.mean([self.scores[option.key] for option in options]))

    def optimum(self) -> float:
        """The best value of a base with its scalings."""
        bases = (self.states.options[number] for number in self.states.complete)
        return max(self.value([self.best(menu) for menu in menus]) for menus in bases)

    def independent_optimum(self) -> float:
        """The best value if each stage may have a base of its own."""
        menus = (sum(stage, ()) for stage in zip(*self.states.options, strict=True))
        return self.value([self.best(menu) for menu in menus])


class CountingScorer:
    """Scores networks from a table. An evaluation is a network that was not scored before.

    Args:
      table: The table.
      most: Number of evaluations after which `spent` is true, and the search stops.

    Attributes:
      curve: After each evaluation, the value of the best family among the scored networks: a base with its
        best scored option of each stage. NaN while no base has all stages.
    """

    def __init__(self, table: ScoreTable, most: int) -> None:
        self._table, self._most = table, most
        self.curve: list[float] = []
        self._seen: set[str] = set()
        self._best = np.full((len(table.states.bases), table.stages), np.nan)

    @property
    def spent(self) -> bool:
        """Whether the evaluations are used up."""
        return len(self.curve) >= self._most

    @property
    def count(self) -> int:
        """Number of networks that were scored."""
        return len(self.curve)

    def score(self, option: Option) -> float:
        """The score of a network, 0 to 1."""
        score = self._table.scores[option.key]
        if option.key in self._seen:
            return score
        self._seen.add(option.key)
        value = self.curve[-1] if self.curve else float("nan")
        for pair in self._table.owners[option.key]:
            self._best[pair] = np.fmax(self._best[pair], score)
            # The mean of a base that lacks a stage is NaN.
            value = float(np.fmax(value, self._best[pair[0]].mean()))
        self.curve.append(value)
        return score
