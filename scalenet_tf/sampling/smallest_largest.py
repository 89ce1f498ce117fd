"""The smallest and the largest subnet of a scaling stage, or of a whole space."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from scalenet_tf.costs.macs import cost, cost_table
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import scaled_depth
from scalenet_tf.space.scaling import scale


@lru_cache(maxsize=64)
def largest_subnet(space: SearchSpace, scaling_stage: int | None = None) -> Subnet:
    """Returns the subnet with the most multiply-adds.

    Args:
      space: Search space.
      scaling_stage: Scaling stage, an index into `space.menus`. Default: all of them.

    Example:
      >>> largest_subnet(load_space("small"), scaling_stage=0).resolution
      16
    """
    return max(_of_each_stage(space, scaling_stage, max, np.argmax), key=lambda subnet: cost(subnet).macs)


@lru_cache(maxsize=64)
def smallest_subnet(space: SearchSpace, scaling_stage: int | None = None) -> Subnet:
    """Returns the subnet with the fewest multiply-adds; see `largest_subnet`."""
    return min(_of_each_stage(space, scaling_stage, min, np.argmin), key=lambda subnet: cost(subnet).macs)


def _of_each_stage(
    space: SearchSpace,
    scaling_stage: int | None,
    pick: Callable[..., Any],
    pick_row: Callable[[np.ndarray], Any],
) -> list[Subnet]:
    """Returns the smallest or the largest subnet of each scaling stage, as `pick` is min or max."""
    menus = space.menus if scaling_stage is None else (space.menus[scaling_stage],)
    subnets = []
    for menu in menus:
        scaling = Scaling(
            depth_thousandths=pick(menu.depth),
            width_thousandths=pick(menu.width),
            resolution=pick(menu.resolution),
        )
        table = cost_table(space, scaling)
        stages = []
        for part, first, rest in zip(space.stages, table.first, table.rest, strict=True):
            depth = pick(part.depth)
            # The cost of a block does not depend on the other blocks, so each op is picked on its own. The
            # only block of a stage is picked together with its copies.
            copies = scaled_depth(1, scaling.depth_thousandths) - 1 if depth == 1 else 0
            only = part.ops[pick_row((first + copies * rest)[:, 0])]
            stages.append((only, *[part.ops[pick_row(rest[:, 0])]] * (depth - 1)))
        subnets.append(scale(space, BaseArchitecture(stages=tuple(stages)), scaling))
    return subnets
