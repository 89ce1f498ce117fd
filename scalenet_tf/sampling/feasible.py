"""Feasible bases: their definition, how they are drawn, and the error if none exists."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, concatenate
from scalenet_tf.costs.macs import cost_table, costs
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.sampling.budget_table import budget_table
from scalenet_tf.sampling.ranges import meets_ranges, raise_unreachable
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.space.rules import scaled_depth

MAX_BATCHES = 64  # Batches of draws after which a search for feasible bases gives up.
_BATCH = 4096
_CHECKED_BY_CONSTRAINTS = 128  # Bases of a batch.
_SAMPLE = 1024  # Bases from which an error tells the values that can be reached.


def base_scaling(space: SearchSpace) -> Scaling:
    """Returns the scaling of the base itself: the only one of S0.

    Raises:
      ScaleNetError: If S0 has more than one scaling, or one that deepens the base.
    """
    scalings = space.menus[0].scalings()
    if len(scalings) != 1 or scalings[0].depth_thousandths != 1000:
        raise InvalidInputError(
            f"`menus[0]` of space {space.name!r} is the base's own and must hold one width, one resolution "
            f"and the depth 1.0. Received: {space.menus[0].model_dump()}"
        )
    return scalings[0]


def macs_range(space: SearchSpace, scaling: Scaling) -> tuple[int, int]:
    """Returns the exact minimum and maximum of the multiply-adds of all bases at one scaling."""
    table = cost_table(space, scaling)
    ends = int(table.ends[0])
    least, most = ends, ends
    for stage, first, rest in zip(space.stages, table.first, table.rest, strict=True):
        fewest, deepest = stage.depth
        low, second, high = (scaled_depth(n, scaling.depth_thousandths) for n in (fewest, 2, deepest))
        first, rest = first[:, 0], rest[:, 0]
        # The copies of an only block have its op; in a deeper stage each block is chosen independently.
        alone = [first + (n - 1) * rest for n in (low, high)]
        shallow = [alone[0].min()] if fewest == 1 else [first.min() + (low - 1) * rest.min()]
        if fewest == 1 < deepest:
            shallow.append(first.min() + (second - 1) * rest.min())
        least += int(min(shallow))
        most += int(alone[1].max() if deepest == 1 else first.max() + (high - 1) * rest.max())
    return least, most


def meets_budget(
    space: SearchSpace,
    bases: EncodedBases,
    scalings: Mapping[int, Scaling] | None = None,
    criteria: Criteria = NO_CRITERIA,
) -> np.ndarray:
    """Returns which bases are feasible: within the budget of S0, and of other stages at given scalings.

    Args:
      space: Search space, with its budget.
      bases: N bases.
      scalings: One scaling for each scaling stage to check beyond S0. In stage s, the multiply-adds must be
        within `stage_tolerance` of growth^s times the base's own. Default: only S0 is checked.
      criteria: The user's constraints, checked in the same stages as the ranges of the budget.

    Returns:
      bool [N].
    """
    base_macs = costs(space, bases, base_scaling(space))[:, 0]
    feasible = np.abs(base_macs - space.budget.macs) <= space.budget.base_tolerance * space.budget.macs
    for stage, scaling in (scalings or {}).items():
        feasible &= meets_stage(space, base_macs, costs(space, bases, scaling)[:, 0], stage)
    for stage, scaling in {0: base_scaling(space), **(scalings or {})}.items():
        feasible = meets_ranges(space, (bases, scaling), stage, feasible, criteria)
    return feasible


def meets_stage(
    space: SearchSpace, base_macs: np.ndarray, scaled_macs: np.ndarray, scaling_stage: int
) -> np.ndarray:
    """Returns whether scaled multiply-adds are within tolerance of growth^s times the base's, in stage s.

    Args:
      space: Search space, with its budget.
      base_macs: Multiply-adds of N bases at S0: [N].
      scaled_macs: Multiply-adds of the same bases at one scaling, [N], or at several, [scalings, N].
      scaling_stage: Scaling stage s.

    Returns:
      bool, of the shape of `scaled_macs`.
    """
    target = base_macs * space.budget.growth**scaling_stage
    return np.abs(scaled_macs - target) <= space.budget.stage_tolerance * target


def fits_stage(
    space: SearchSpace,
    bases: EncodedBases,
    base_macs: np.ndarray,
    scaling: Scaling,
    scaling_stage: int,
    criteria: Criteria = NO_CRITERIA,
) -> np.ndarray:
    """Returns which feasible bases meet the budget, ranges and constraints of a scaling stage.

    Args:
      space: Search space, with its budget.
      bases: N bases within the budget of S0.
      base_macs: Multiply-adds of the bases at S0: [N].
      scaling: Scaling of the bases in the scaling stage.
      scaling_stage: Scaling stage.
      criteria: The user's constraints.

    Returns:
      bool [N].
    """
    feasible = meets_stage(space, base_macs, costs(space, bases, scaling)[:, 0], scaling_stage)
    return meets_ranges(space, (bases, scaling), scaling_stage, feasible, criteria)


def find_feasible_bases(
    space: SearchSpace,
    rng: np.random.Generator,
    count: int,
    scalings: Mapping[int, Scaling] | None = None,
    batches: int = MAX_BATCHES,
    criteria: Criteria = NO_CRITERIA,
) -> EncodedBases:
    """Draws feasible bases like `draw_feasible_bases`, but returns fewer after `batches` of 4,096 draws."""
    table = budget_table(space, base_scaling(space), space.budget)
    found, total = [table.draw(rng, 0)], 0
    for _ in range(batches if table.possible else 0):
        # Nearly every draw is within the multiply-adds of S0: a few more than `count` are enough for these.
        most = _BATCH if scalings or space.budget.ranges else min(_BATCH, count + count // 16 + 8)
        batch = table.draw(rng, most)
        batch = batch[meets_budget(space, batch, scalings)]
        if criteria.constraints:
            # Constraints are called base by base, which is slow.
            batch = batch[:_CHECKED_BY_CONSTRAINTS]
            batch = batch[meets_budget(space, batch, scalings, criteria)]
        found.append(batch)
        total += len(found[-1])
        if total >= count:
            break
    return concatenate(found)[:count]


def draw_feasible_bases(
    space: SearchSpace,
    rng: np.random.Generator,
    count: int,
    scalings: Mapping[int, Scaling] | None = None,
) -> EncodedBases:
    """Draws bases from the distribution of `draw_bases` conditioned on `meets_budget`.

    Args:
      space: Search space, with its budget.
      rng: Source of randomness.
      count: Number of bases, repetitions included.
      scalings: One scaling for each scaling stage beyond S0 whose budget must be met. Default: only S0's.

    Returns:
      `count` bases.

    Raises:
      ScaleNetError: If too few are found. The text names the bound that is wrong and what can be reached.

    Example:
      >>> bases = draw_feasible_bases(space, np.random.default_rng(0), 100)
    """
    bases = find_feasible_bases(space, rng, count, scalings)
    if len(bases) < count:
        check_base_budget(space)
        if not scalings:
            raise InvalidInputError(
                f"`budget.ranges` of S0 in space {space.name!r} must leave bases enough. Received only "
                f"{len(bases)} of {count} in as many draws as are made; widen them."
            )
        raise InvalidInputError(
            f"`scalings` { ({s: str(v) for s, v in scalings.items()}) } must fit bases of space "
            f"{space.name!r}. Received only {len(bases)} of {count} within `budget.stage_tolerance` "
            f"{space.budget.stage_tolerance:g}; widen it, or choose scalings nearer to "
            f"{space.budget.growth:g}^stage times the base"
        )
    return bases


def sample_feasible_bases(
    space: SearchSpace, rng: np.random.Generator, most: int, criteria: Criteria = NO_CRITERIA
) -> EncodedBases:
    """Draws up to `most` feasible bases, at least one.

    Raises:
      ScaleNetError: If none is found. The text names the bound that is wrong and what can be reached.
    """
    bases = find_feasible_bases(space, rng, most, criteria=criteria)
    if len(bases):
        return bases
    check_base_budget(space)
    alone = without_ranges(space)
    raise_unreachable(space, 0, [(find_feasible_bases(alone, rng, _SAMPLE), base_scaling(space))], criteria)


def check_base_budget(space: SearchSpace) -> None:
    """Raises ScaleNetError if no base is within `budget.macs`. The text says what the space can reach."""
    least, most = macs_range(space, base_scaling(space))
    budget = space.budget
    bounds = f"{budget.macs:,} ± {100 * budget.base_tolerance:g} %"
    reach = f"Bases of space {space.name!r} reach {least:,} to {most:,} multiply-adds"
    if not budget.macs * (1 - budget.base_tolerance) <= most:
        raise InvalidInputError(
            f"`budget.macs` is too high: {bounds}. {reach}: lower it, or raise depths or widths."
        )
    if not budget.macs * (1 + budget.base_tolerance) >= least:
        raise InvalidInputError(
            f"`budget.macs` is too low: {bounds}. {reach}: raise it, or lower depths or widths."
        )
    if len(find_feasible_bases(without_ranges(space), np.random.default_rng(0), 1)) == 0:
        nearest = _nearest_macs(space)
        raise InvalidInputError(
            f"`budget.base_tolerance` is too narrow: no base has {bounds} multiply-adds. {reach}, "
            f"near the budget {nearest:,}: raise `budget.base_tolerance`, or move `budget.macs` there."
        )


def without_ranges(space: SearchSpace) -> SearchSpace:
    """Returns a space whose budget bounds the multiply-adds alone."""
    return space.model_copy(update={"budget": space.budget.model_copy(update={"ranges": ()})})


def _nearest_macs(space: SearchSpace) -> int:
    """Returns the multiply-adds of a base that is close to the budget, found by widening the tolerance."""
    budget = space.budget
    tolerance = budget.base_tolerance
    while True:
        tolerance *= 2
        wide = budget.model_copy(update={"base_tolerance": tolerance})
        table = budget_table(space, base_scaling(space), wide)
        if table.possible:
            macs = costs(space, table.draw(np.random.default_rng(0), _BATCH), base_scaling(space))[:, 0]
            return int(macs[np.abs(macs - budget.macs).argmin()])
