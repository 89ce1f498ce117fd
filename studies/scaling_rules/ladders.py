"""The small families that a search of a grid would find, and the networks among which a rule then chooses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studies.scaling_rules.table import Grid, Point

FACTOR = 2.0  # growth of multiply-adds per scaling stage
LENGTHS = (2, 3)  # numbers of small members
BEYOND = (1, 2)  # stages beyond the small members that are predicted: 2 and 4 times the multiply-adds


@dataclass(frozen=True)
class Settings:
    """How families and choices are made.

    Attributes:
      tolerance: Largest relative distance of a network's multiply-adds from a budget, below 1/3, so that
        neighbouring stages have no network in common.
      from_last: Count the predicted budgets from the multiply-adds of the last small member, not of S0.
      growing: Let fitted rules choose no network that is smaller than the last small member in a dimension.
    """

    tolerance: float = 0.2
    from_last: bool = False
    growing: bool = False


@dataclass(frozen=True)
class Choice:
    """A larger budget, and what is known when a network is chosen for it.

    Attributes:
      grid: The grid.
      members: The small members, S0 first.
      stage: Scaling stage to predict.
      budget: Multiply-adds of the stage, in millions.
      candidates: Networks within the tolerance of the budget.
    """

    grid: Grid
    members: tuple[Point, ...]
    stage: int
    budget: float
    candidates: tuple[Point, ...]

    @property
    def beyond(self) -> int:
        """Number of stages from the last small member to the predicted one."""
        return self.stage - len(self.members) + 1


def choices(grid: Grid, settings: Settings) -> Iterator[Choice]:
    """All choices in a grid, each once.

    Every network's multiply-adds are a base budget. S0 is the most accurate network within its tolerance, S1
    the one at twice the multiply-adds of S0, and so on. Base budgets with the same S0 are the same family.

    Args:
      grid: The grid.
      settings: How families and choices are made.

    Yields:
      The choices, family by family; budgets without any network are left out.
    """
    bases = {_best(_within(grid, point.macs, settings)) for point in grid.points}
    for base in sorted(bases, key=lambda point: point.macs):
        for length in LENGTHS:
            members = _members(grid, base, length, settings)
            if len(members) < length:
                break
            for steps in BEYOND:
                stage = length - 1 + steps
                last = members[-1].macs * FACTOR**steps
                budget = last if settings.from_last else base.macs * FACTOR**stage
                if found := _within(grid, budget, settings):
                    yield Choice(grid, members, stage, budget, found)


def _members(grid: Grid, base: Point, length: int, settings: Settings) -> tuple[Point, ...]:
    """The first members of a family, fewer than `length` if a budget has no network."""
    members = [base]
    while len(members) < length:
        found = _within(grid, base.macs * FACTOR ** len(members), settings)
        if not found:
            break
        members.append(_best(found))
    return tuple(members)


def _within(grid: Grid, budget: float, settings: Settings) -> tuple[Point, ...]:
    # A network at the tolerance itself is within it, whatever the rounding of the division.
    reach = settings.tolerance + 1e-9
    return tuple(point for point in grid.points if abs(point.macs / budget - 1) <= reach)


def _best(points: tuple[Point, ...]) -> Point:
    """The most accurate network; of equal ones that with the fewest multiply-adds."""
    return min(points, key=lambda point: (-point.top1, point.macs))
