"""Extrapolation: the growth per stage that a search found, and stages that were never trained.

Fitted is what was *realised* (blocks, channels, pixels), since several multipliers can give one network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.extrapolation.settle import Settled, realised, settle
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

Rule = Literal["compound", "separate", "last"]


@dataclass(frozen=True)
class Growth:
    """The factor of blocks, channels and pixels from a stage to the next.

    By the rules "compound" and "last" depth * width^2 * resolution^2 is the budget's growth of
    multiply-adds: 2, as EfficientNet's, where that is not said otherwise.
    """

    depth: float
    width: float
    resolution: float

    def at(self, stage: int) -> tuple[float, float, float]:
        """Predicted ratios of blocks, channels and pixels to the base's in a stage."""
        return self.depth**stage, self.width**stage, self.resolution**stage


def fit_growth(subnets: Sequence[Subnet], factor: float = 2.0, rule: Rule = "compound") -> Growth:
    """Fits the growth of a family.

    Args:
      subnets: The family's networks, S0 first: the one at index s has about factor^s times its multiply-adds.
      factor: Growth of multiply-adds from a stage to the next, above 1.
      rule: "compound" fits depth, width and resolution by least squares on logarithms, through the base, and
        brings them to exactly `factor` together; "separate" leaves each dimension its own fit; "last" takes
        the proportions of the last stage alone, brought to `factor`.

    Returns:
      The growth. A dimension that did not grow has growth 1.

    Raises:
      ScaleNetError: where there is nothing beyond S0, or nothing grew.
    """
    check_stages(len(subnets))
    logs = [[math.log(ratio) for ratio in realised(subnet, subnets[0])] for subnet in subnets]
    fitted = [len(logs) - 1] if rule == "last" else range(len(logs))
    squares = sum(stage**2 for stage in fitted)
    slopes = [max(0.0, sum(s * logs[s][i] for s in fitted) / squares) for i in range(3)]
    macs_slope = slopes[0] + 2 * slopes[1] + 2 * slopes[2]
    if macs_slope < 1e-9:
        raise InvalidInputError(
            "extrapolation needs stages that grow in depth, width or resolution; the searched ones do not. "
            "Look at the menus of the space."
        )
    if rule == "separate":
        return Growth(*(math.exp(slope) for slope in slopes))
    # Stages may miss their budgets by the tolerance: bring the rule back to exactly one factor.
    return Growth(*(factor ** (slope / macs_slope) for slope in slopes))


def check_stages(searched: int) -> None:
    """Raises ScaleNetError where so many searched stages, S0 included, are too few to extrapolate from."""
    if searched < 2:
        raise InvalidInputError(
            "extrapolation needs a searched stage beyond S0. Add a menu to the space, "
            "or set scale.extra_stages=0."
        )


def extrapolate(
    space: SearchSpace,
    base: BaseArchitecture,
    scalings: Sequence[Scaling],
    extra_stages: int,
    tolerance: float,
    rule: Rule = "compound",
) -> tuple[Growth, tuple[Settled, ...]]:
    """Settles stages beyond the searched ones.

    Args:
      space: The space.
      base: The found base.
      scalings: The found scaling of each stage, S0 first.
      extra_stages: How many stages to add, >= 1.
      tolerance: Allowed relative distance from growth^stage times the base's multiply-adds.
      rule: How growth is fitted: see `fit_growth`.

    Returns:
      The fitted growth, and the added stages. None of them is smaller than the one before in depth,
      width or resolution. Where no scaling meets the tolerance, it is the nearest; see `Settled.gap`.

    Raises:
      ScaleNetError: where nothing can be fitted: see `fit_growth`.

    Example:
      >>> growth, (s4,) = extrapolate(space, base, scalings, extra_stages=1, tolerance=0.05)
    """
    family = [scale(space, base, scaling) for scaling in scalings]
    growth = fit_growth(family, space.budget.growth, rule)
    settled: list[Settled] = []
    for stage in range(len(family), len(family) + extra_stages):
        settled.append(settle(space, base, growth.at(stage), stage, family[0], family[-1], tolerance))
        family.append(settled[-1].subnet)
    return growth, tuple(settled)
