"""The rules, each a growth per scaling stage, and the network that a rule chooses."""

from __future__ import annotations

import typing
from collections.abc import Callable

from scalenet_tf.extrapolation.fit_to_budget import Ratios, log_distance
from scalenet_tf.extrapolation.growth import Growth, Rule, fit_growth_to_ratios
from scalenet_tf.space.compound_growth import EFFICIENTNET
from studies.scaling_rules.ladders import FACTOR, Choice, Settings
from studies.scaling_rules.table import Grid, Point

FITTED: tuple[Rule, ...] = ("compound", "separate", "last")
RANDOM = "random"
_BASE = (1.0, 1.0, 1.0)


def _efficientnet(grid: Grid) -> Ratios:
    depth, width, resolution = EFFICIENTNET
    return (1.0, width, resolution) if grid.axis == "width" else (depth * width**2, 1.0, resolution)


def _network(grid: Grid) -> Ratios:
    return (1.0, FACTOR, 1.0) if grid.axis == "width" else (FACTOR, 1.0, 1.0)


# Proportions in the dimensions of a grid; they are rescaled to double the multiply-adds.
FIXED: dict[str, Callable[[Grid], Ratios]] = {
    "efficientnet": _efficientnet,
    "resolution only": lambda grid: (1.0, 1.0, FACTOR),
    "network only": _network,
}
NAMES = (*FITTED, *FIXED, RANDOM)


def growth_of(rule: str, choice: Choice) -> Growth:
    """The growth of a rule: fitted to the small members, or one that does not know them.

    Args:
      rule: Name of a rule other than `RANDOM`.
      choice: The choice, with the small members.
    """
    if rule in FIXED:
        return fit_growth_to_ratios([_BASE, FIXED[rule](choice.grid)], FACTOR)
    ratios = [choice.grid.ratios(member, choice.members[0]) for member in choice.members]
    return fit_growth_to_ratios(ratios, FACTOR, typing.cast(Rule, rule))


def picks(rule: str, choice: Choice, settings: Settings) -> tuple[Point, ...]:
    """The network that a rule chooses; all candidates for `RANDOM`.

    It is the candidate that is nearest to the rule's prediction, in logarithms; of equal ones the cheapest.

    Args:
      rule: Name of a rule.
      choice: The choice.
      settings: Whether fitted rules may choose networks that are smaller in a dimension.
    """
    candidates = choice.candidates
    if rule == RANDOM:
        return candidates
    if settings.growing and rule in FITTED:
        candidates = tuple(point for point in candidates if _grows(point, choice.members[-1])) or candidates
    ratios = growth_of(rule, choice).at(choice.stage)

    def rank(point: Point) -> tuple[float, float]:
        distance = log_distance(choice.grid.ratios(point, choice.members[0]), ratios)
        return round(distance, 9), point.macs  # rounded, so that equal distances are equal

    return (min(candidates, key=rank),)


def _grows(point: Point, last: Point) -> bool:
    return point.size >= last.size and point.resolution >= last.resolution
