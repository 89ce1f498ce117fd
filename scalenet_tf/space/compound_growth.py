"""Compound scaling: growth of depth, width and resolution that multiplies the multiply-adds by a factor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scalenet_tf.space.search_space import SearchSpace

# Growth of depth, width and resolution per doubling of multiply-adds (Tan and Le, 2019, section 3.3).
EFFICIENTNET = (1.2, 1.1, 1.15)


def macs_slope(slopes: Sequence[float]) -> float:
    """Returns the growth of multiply-adds, as a logarithm, from those of depth, width and resolution."""
    return slopes[0] + 2 * slopes[1] + 2 * slopes[2]


def growing_by(factor: float, slopes: Sequence[float]) -> tuple[float, float, float]:
    """Returns growth of depth, width and resolution in the proportions of some slopes.

    Args:
      factor: Growth of the multiply-adds.
      slopes: Logarithms of the growth of each, whose sum for multiply-adds is above 0.
    """
    depth, width, resolution = (factor ** (slope / macs_slope(slopes)) for slope in slopes)
    return depth, width, resolution


def efficientnet_growth(factor: float) -> tuple[float, float, float]:
    """Returns growth of depth, width and resolution in EfficientNet's proportions."""
    return growing_by(factor, [math.log(ratio) for ratio in EFFICIENTNET])


def expected_side(space: SearchSpace, extra_stages: int) -> int:
    """Returns the side in pixels that the largest member of a family is expected to have.

    Searched stages have the resolutions of their menus. Extrapolated ones are expected to grow from S0 as
    EfficientNet does.

    Args:
      space: Search space.
      extra_stages: Number of members beyond the searched scaling stages.
    """
    if not extra_stages:
        return space.largest_resolution
    growth = efficientnet_growth(space.budget.growth)[2]
    last = len(space.menus) - 1 + extra_stages
    return max(space.largest_resolution, round(space.menus[0].resolution[0] * growth**last))
