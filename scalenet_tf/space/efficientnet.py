"""EfficientNet's rule of compound scaling, for what has to be known before a family is."""

from __future__ import annotations

import math

from scalenet_tf.space.search_space import SearchSpace

# Growth of depth, width and resolution per doubling of multiply-adds (Tan and Le, 2019, section 3.3).
EFFICIENTNET = (1.2, 1.1, 1.15)


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
    depth, width, resolution = map(math.log, EFFICIENTNET)
    growth = space.budget.growth ** (resolution / (depth + 2 * width + 2 * resolution))
    last = len(space.menus) - 1 + extra_stages
    return max(space.largest_resolution, round(space.menus[0].resolution[0] * growth**last))
