"""What each rule chooses wherever there is a choice, and what it loses by that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from studies.scaling_rules.ladders import Choice, Settings, choices
from studies.scaling_rules.rules import NAMES, picks
from studies.scaling_rules.table import Grid, Point


@dataclass(frozen=True)
class Outcome:
    """A choice between two or more networks, made by every rule.

    Attributes:
      choice: The choice.
      picks: The networks that each rule chooses: one, or all candidates for random choice.
    """

    choice: Choice
    picks: dict[str, tuple[Point, ...]]


@dataclass(frozen=True)
class Comparison:
    """All choices in several grids.

    Attributes:
      outcomes: Those with two or more candidates.
      choices: Number of all choices.
    """

    outcomes: tuple[Outcome, ...]
    choices: int

    def values(self, measure: Callable[[Outcome], float]) -> list[list[np.ndarray]]:
        """Values of a measure, by grid and family: families of a grid share networks, grids do not."""
        found: dict[str, dict[Point, list[float]]] = {}
        for outcome in self.outcomes:
            families = found.setdefault(outcome.choice.grid.name, {})
            families.setdefault(outcome.choice.members[0], []).append(measure(outcome))
        return [[np.array(family) for family in families.values()] for families in found.values()]

    def mean(self, measure: Callable[[Outcome], float]) -> float:
        """Mean of a measure over all outcomes; NaN if there is none."""
        return float(np.mean([measure(outcome) for outcome in self.outcomes])) if self.outcomes else np.nan

    def with_members(self, number: int) -> Comparison:
        """The outcomes of families with this number of small members."""
        return self._only(outcome for outcome in self.outcomes if len(outcome.choice.members) == number)

    def stages_beyond(self, number: int) -> Comparison:
        """The outcomes at this number of stages from the last small member."""
        return self._only(outcome for outcome in self.outcomes if outcome.choice.beyond == number)

    def _only(self, outcomes: Iterable[Outcome]) -> Comparison:
        kept = tuple(outcomes)
        return Comparison(kept, len(kept))


Measure = Callable[[Outcome], float]
Judge = Callable[[Outcome, str], float]  # of a rule's choice


def of_rule(judge: Judge, rule: str) -> Measure:
    """A judgement of one rule."""
    return lambda outcome: judge(outcome, rule)


def compare(grids: Iterable[Grid], settings: Settings) -> Comparison:
    """Lets every rule make every choice.

    Args:
      grids: The grids.
      settings: How families and choices are made.
    """
    found = [choice for grid in grids for choice in choices(grid, settings)]
    real = [choice for choice in found if len(choice.candidates) > 1]
    outcomes = (Outcome(one, {rule: picks(rule, one, settings) for rule in NAMES}) for one in real)
    return Comparison(tuple(outcomes), len(found))


def regret(outcome: Outcome, rule: str) -> float:
    """Points of accuracy between the best candidate and the network that a rule chooses."""
    return _loss(outcome, rule, lambda point: point.top1)


def regret_at_equal_macs(outcome: Outcome, rule: str) -> float:
    """The same for accuracies above the average of the grid at a network's multiply-adds."""
    return _loss(outcome, rule, outcome.choice.grid.surplus.__getitem__)


def use_of_budget(outcome: Outcome, rule: str) -> float:
    """Multiply-adds of the network that a rule chooses, relative to the budget."""
    return _mean([point.macs for point in outcome.picks[rule]]) / outcome.choice.budget


def _loss(outcome: Outcome, rule: str, score: Callable[[Point], float]) -> float:
    best = max(map(score, outcome.choice.candidates))
    return best - _mean([score(point) for point in outcome.picks[rule]])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
