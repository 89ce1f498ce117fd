"""Growth of a family in ratios to its base: blocks, channels, pixels, multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scalenet_tf.costs.macs import cost
from scalenet_tf.extrapolation.fit_to_budget import realised_ratios
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.compound_growth import EFFICIENTNET
from scalenet_tf.space.scaling import scale


@dataclass(frozen=True)
class GrowthRatios:
    """Ratios of one member to the base, after all rounding.

    Attributes:
      stage: Scaling stage of the member.
      depth: Ratio of the numbers of blocks.
      width: Ratio of the widths.
      resolution: Ratio of the resolutions.
      macs: Ratio of the multiply-adds.
    """

    stage: int
    depth: float
    width: float
    resolution: float
    macs: float


def growth_of(stage: int, subnet: Subnet, base: Subnet) -> GrowthRatios:
    """Returns the ratios of `subnet` to `base`, as extrapolation measures them."""
    return GrowthRatios(stage, *realised_ratios(subnet, base), macs=cost(subnet).macs / cost(base).macs)


def compound_growth(
    space: SearchSpace, base: BaseArchitecture, resolution: int, stages: Sequence[int]
) -> list[GrowthRatios]:
    """Returns the growth of EfficientNet's compound rule, with the rounding and growth of a space.

    Args:
      space: The space.
      base: Base that the rule scales.
      resolution: Resolution of the base in pixels.
      stages: Scaling stages.
    """
    # The rule is per doubling of multiply-adds, and a stage is this many doublings.
    doublings = math.log2(space.budget.growth)
    depth, width, pixels = (factor**doublings for factor in EFFICIENTNET)
    unscaled = scale(space, base, Scaling.of(1, 1, resolution))
    return [
        growth_of(
            stage,
            scale(
                space,
                base,
                Scaling.of(round(depth**stage, 3), round(width**stage, 3), round(resolution * pixels**stage)),
            ),
            unscaled,
        )
        for stage in stages
    ]
