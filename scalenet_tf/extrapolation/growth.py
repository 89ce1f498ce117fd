"""Extrapolation: the growth per scaling stage that a search found, continued beyond the searched stages.

The growth is fitted to the realised networks (blocks, channels and pixels), because several multipliers can
give the same network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.extrapolation.fit_to_budget import FittedScaling, Ratios, fit_to_budget, realised_ratios
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.compound_growth import efficientnet_growth, growing_by, macs_slope
from scalenet_tf.space.scaling import scale

Rule = Literal["compound", "separate", "last", "efficientnet"]


@dataclass(frozen=True)
class Growth:
    """Growth factors from one scaling stage to the next.

    With all rules but "separate", depth * width^2 * resolution^2 is the budget's growth of multiply-adds,
    2 by default as in EfficientNet.

    Attributes:
      depth: Factor of the number of blocks, at least 1.
      width: Factor of the number of channels, at least 1.
      resolution: Factor of the side in pixels, at least 1.
    """

    depth: float
    width: float
    resolution: float

    def at(self, scaling_stage: int) -> Ratios:
        """Returns the predicted ratios of blocks, channels and pixels to those of the base."""
        return self.depth**scaling_stage, self.width**scaling_stage, self.resolution**scaling_stage


def fit_growth(subnets: Sequence[Subnet], factor: float = 2.0, rule: Rule = "compound") -> Growth:
    """Fits the growth of a family.

    Args:
      subnets: Networks of the family, S0 first. The one at index s has about factor^s times the
        multiply-adds of S0.
      factor: Growth of multiply-adds from one scaling stage to the next, above 1.
      rule: "compound" fits depth, width and resolution by least squares on logarithms, through the base, and
        rescales the three fits to reach `factor` exactly. "separate" keeps the fit of each dimension. "last"
        takes the proportions of the last stage alone, rescaled to `factor`. "efficientnet" takes those of
        EfficientNet, 1.2, 1.1 and 1.15, whatever the family, rescaled to `factor`.

    Returns:
      The growth. A dimension that did not grow has growth 1.

    Raises:
      ScaleNetError: If there is nothing beyond S0, or nothing grew, and the rule is not "efficientnet".
    """
    return fit_growth_to_ratios([realised_ratios(subnet, subnets[0]) for subnet in subnets], factor, rule)


def fit_growth_to_ratios(ratios: Sequence[Ratios], factor: float = 2.0, rule: Rule = "compound") -> Growth:
    """Fits growth to the ratios of a family to its base, for families that are no subnets of a space.

    Args:
      ratios: Ratios of blocks, channels and pixels to those of S0, at least two; those of S0 first, all 1.
      factor: Growth of multiply-adds from one scaling stage to the next, above 1.
      rule: Rule by which the growth is fitted, see `fit_growth`.

    Returns:
      The growth. A dimension that did not grow has growth 1.

    Raises:
      ScaleNetError: If there is nothing beyond S0, or nothing grew, and the rule is not "efficientnet".
    """
    if rule == "efficientnet":
        return Growth(*efficientnet_growth(factor))
    check_stages(len(ratios), rule)
    logs = [[math.log(ratio) for ratio in stage] for stage in ratios]
    fitted = [len(logs) - 1] if rule == "last" else range(len(logs))
    squares = sum(stage**2 for stage in fitted)
    slopes = [max(0.0, sum(s * logs[s][i] for s in fitted) / squares) for i in range(3)]
    if macs_slope(slopes) < 1e-9:
        raise InvalidInputError(
            "extrapolation needs stages that grow in depth, width or resolution; the searched ones do not. "
            "Set scale.rule: efficientnet or scale.extra_stages: 0 in the run's config.yaml."
        )
    if rule == "separate":
        return Growth(*(math.exp(slope) for slope in slopes))
    # Searched stages may miss their budgets by the tolerance. The rule itself must not.
    return Growth(*growing_by(factor, slopes))


def check_stages(searched: int, rule: Rule) -> None:
    """Checks that a rule can extrapolate from the searched stages.

    Args:
      searched: Number of searched stages, S0 included.
      rule: Rule by which the growth is fitted.

    Raises:
      ScaleNetError: If they are too few.
    """
    if searched < 2 and rule != "efficientnet":
        raise InvalidInputError(
            "extrapolation needs a searched stage beyond S0. Add a menu to the space, set "
            "scale.rule=efficientnet, which scales S0 alone, or set scale.extra_stages=0."
        )


def extrapolate(
    space: SearchSpace,
    base: BaseArchitecture,
    scalings: Sequence[Scaling],
    extra_stages: int,
    tolerance: float,
    rule: Rule = "compound",
) -> tuple[Growth, tuple[FittedScaling, ...]]:
    """Finds scalings for scaling stages beyond the searched ones.

    Args:
      space: Search space, with its budget.
      base: Base architecture of the family.
      scalings: Searched scaling of each scaling stage, S0 first.
      extra_stages: Number of scaling stages to add, at least 1.
      tolerance: Allowed relative distance from growth^s times the base's multiply-adds.
      rule: Rule by which the growth is fitted, see `fit_growth`.

    Returns:
      The fitted growth, and a scaling for each added stage. No stage is smaller than the one before in depth,
      width or resolution. If no scaling is within the tolerance, the nearest one is taken; its distance is
      `FittedScaling.gap`.

    Raises:
      ScaleNetError: If no growth can be fitted, see `fit_growth`.

    Example:
      >>> growth, (s4,) = extrapolate(space, base, scalings, extra_stages=1, tolerance=0.05)
    """
    family = [scale(space, base, scaling) for scaling in scalings]
    growth = fit_growth(family, space.budget.growth, rule)
    added: list[FittedScaling] = []
    for stage in range(len(family), len(family) + extra_stages):
        added.append(fit_to_budget(space, base, growth.at(stage), stage, family[0], family[-1], tolerance))
        family.append(added[-1].subnet)
    return growth, tuple(added)
