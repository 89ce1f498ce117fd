"""What a search has paid, and the best family that it could name for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studies.search_methods.states import Option, States


@dataclass(frozen=True)
class Truth:
    """A tabulated problem: all states, and the score of each network by its key."""

    states: States
    scores: dict[str, float]

    @property
    def size(self) -> int:
        """Evaluations of a search that scores everything."""
        return len(self.owners)

    @property
    def stages(self) -> int:
        return len(self.states.space.menus)

    @cached_property
    def owners(self) -> dict[str, list[tuple[int, int]]]:
        """The (base, stage) pairs that a network serves."""
        owners = defaultdict(list)
        for base, menus in enumerate(self.states.options):
            for stage, menu in enumerate(menus):
                for option in menu:
                    owners[option.key].append((base, stage))
        return dict(owners)

    def best(self, menu: tuple[Option, ...]) -> Option:
        return max(menu, key=lambda option: self.scores[option.key])

    def value(self, options: list[Option]) -> float:
        """The mean score of a family."""
        return float(np.mean([self.scores[option.key] for option in options]))

    def optimum(self) -> float:
        """The best mean score of a base and its scalings."""
        bases = (self.states.options[number] for number in self.states.whole)
        return max(self.value([self.best(menu) for menu in menus]) for menus in bases)

    def independent_optimum(self) -> float:
        """The best mean score where each stage may have a base of its own."""
        menus = (sum(stage, ()) for stage in zip(*self.states.options, strict=True))
        return self.value([self.best(menu) for menu in menus])


class Ledger:
    """Hands out scores; an evaluation is a network that was not scored before.

    Args:
      truth: The scores.
      most: Evaluations after which `spent` is true: a search stops there.

    Attributes:
      curve: After each evaluation the value of the best family that the scores so far allow, one base
        and for each stage its best scored scaling; NaN while no base has all stages.
    """

    def __init__(self, truth: Truth, most: int) -> None:
        self._truth, self._most = truth, most
        self.curve: list[float] = []
        self._seen: set[str] = set()
        self._best = np.full((len(truth.states.bases), truth.stages), np.nan)

    @property
    def spent(self) -> bool:
        return len(self.curve) >= self._most

    def score(self, option: Option) -> float:
        """The score of a network."""
        score = self._truth.scores[option.key]
        if option.key in self._seen:
            return score
        self._seen.add(option.key)
        value = self.curve[-1] if self.curve else float("nan")
        for pair in self._truth.owners[option.key]:
            self._best[pair] = np.fmax(self._best[pair], score)
            # A base that misses a stage has no mean: NaN.
            value = float(np.fmax(value, self._best[pair[0]].mean()))
        self.curve.append(value)
        return score
