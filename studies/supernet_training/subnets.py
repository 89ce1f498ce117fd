"""The subnets that every variant is scored on."""

from __future__ import annotations

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.sampling.feasible import base_scaling, draw_feasible_bases
from scalenet_tf.sampling.smallest_largest import largest_subnet, smallest_subnet
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

ENDS = ("smallest", "base", "largest")
# Not the seed of any training, so no super-supernet has trained on just these draws.
_SEED = 1_000_003


def scored_subnets(space: SearchSpace, per_stage: int) -> dict[str, Subnet]:
    """The smallest subnet, a base within the budget, the largest subnet, and cheap subnets of each stage.

    Args:
      space: The space.
      per_stage: Number of cheap subnets per scaling stage.

    Returns:
      Subnets by name: those of `ENDS`, then "s<stage>-<number>" in the order of their multiply-adds.
    """
    base = decode(space, draw_feasible_bases(space, np.random.default_rng(_SEED), 1))[0]
    found = {
        "smallest": smallest_subnet(space),
        "base": scale(space, base, base_scaling(space)),
        "largest": largest_subnet(space),
    }
    by_stage: dict[int, dict[str, Subnet]] = {stage: {} for stage in range(len(space.menus))}
    step = 0
    while any(len(drawn) < 2 * per_stage for drawn in by_stage.values()):
        draw = draw_subnet(space, _SEED, step, "equal")
        by_stage[draw.scaling_stage].setdefault(draw.subnet.key, draw.subnet)
        step += 1
    for stage, drawn in by_stage.items():
        cheap = sorted(list(drawn.values())[: 2 * per_stage], key=lambda subnet: cost(subnet).macs)
        found |= {f"s{stage}-{number:02}": subnet for number, subnet in enumerate(cheap[:per_stage])}
    return found


def stage_of(name: str) -> int | None:
    """The scaling stage in the name of a subnet; None for one of `ENDS`."""
    return None if name in ENDS else int(name[1 : name.index("-")])
