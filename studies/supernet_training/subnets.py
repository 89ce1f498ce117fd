"""The subnets that every variant is scored on: within the budgets, as the search draws them."""

from __future__ import annotations

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

# Not the seed of any training, so no super-supernet has trained on just these draws.
_SEED = 1_000_003


def scored_subnets(space: SearchSpace, per_stage: int) -> dict[str, Subnet]:
    """Distinct random subnets of each scaling stage within its budget, its resolutions in turn.

    Args:
      space: The space.
      per_stage: Largest number of subnets per scaling stage.

    Returns:
      Subnets by name, "s<stage>-<number>".
    """
    rng = np.random.default_rng(_SEED)
    pool = draw_pool(space, rng)
    found: dict[str, Subnet] = {}
    for stage, (menu, feasible) in enumerate(zip(pool.scalings, pool.feasible, strict=True)):
        pairs: dict[int, list[tuple[int, int]]] = {}
        for index, base in rng.permutation(np.argwhere(feasible)).tolist():
            pairs.setdefault(menu[index].resolution, []).append((index, base))
        drawn: dict[str, Subnet] = {}
        # Removing from the ends of lists that are in random order draws without replacement.
        while len(drawn) < per_stage and any(pairs.values()):
            for resolution in sorted(pairs):
                if pairs[resolution] and len(drawn) < per_stage:
                    index, base = pairs[resolution].pop()
                    subnet = scale(space, decode(space, pool.bases[np.array([base])])[0], menu[index])
                    drawn.setdefault(subnet.key, subnet)
        found |= {f"s{stage}-{number:02}": subnet for number, subnet in enumerate(drawn.values())}
    return found


def stage_of(name: str) -> int:
    """The scaling stage in the name of a subnet."""
    return int(name[1 : name.index("-")])
