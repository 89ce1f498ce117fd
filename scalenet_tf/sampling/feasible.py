"""Feasibility: the rule, bases that meet it, and what to say where none can."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, concatenate
from scalenet_tf.costs.macs import cost_table, costs
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.sampling.budget_table import budget_table
from scalenet_tf.sampling.ranges import narrow, refuse
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.space.rules import scaled_depth

MAX_BATCHES = 64  # Batches of draws before a search for feasible bases ends with fewer.
_BATCH = 4096
_CHECKED = 128
_SAMPLE = 1024  # Bases on which a refusal says what can be reached.


def base_scaling(space: SearchSpace) -> Scaling:
    """The scaling of the base itself: the only one of stage 0.

    Raises:
      ScaleNetError: if stage 0 offers a choice, or deepens the base.
    """
    scalings = space.menus[0].scalings()
    if len(scalings) != 1 or scalings[0].depth_thousandths != 1000:
        raise InvalidInputError(
            f"`menus[0]` of space {space.name!r} is the base's own and must hold one width, one resolution "
            f"and the depth 1.0. Received: {space.menus[0].model_dump()}"
        )
    return scalings[0]


def macs_range(space: SearchSpace, scaling: Scaling) -> tuple[int, int]:
    """The fewest and the most multiply-adds of any base at `scaling`, exactly."""
    table = cost_table(space, scaling)
    ends = int(table.ends[0])
    least, most = ends, ends
    for stage, first, rest in zip(space.stages, table.first, table.rest, strict=True):
        low, high = (scaled_depth(depth, scaling.depth_thousandths) for depth in stage.depth)
        least += int(first[:, 0].min() + (low - 1) * rest[:, 0].min())
        most += int(first[:, 0].max() + (high - 1) * rest[:, 0].max())
    return least, most


def meets_budget(
    space: SearchSpace,
    bases: EncodedBases,
    scalings: Mapping[int, Scaling] | None = None,
    criteria: Criteria = NO_CRITERIA,
) -> np.ndarray:
    """The rule of feasibility: which bases meet the budget, alone and at the scalings of some stages.

    Args:
      space: The space, with its budget.
      bases: N bases.
      scalings: Scaling by scaling stage; stage s must come within `stage_tolerance` of growth^s times the
        base's own multiply-adds, and every stage within its ranges.
      criteria: The user's own constraints.

    Returns:
      bool [N].
    """
    own = costs(space, bases, base_scaling(space))[:, 0]
    feasible = np.abs(own - space.budget.macs) <= space.budget.base_tolerance * space.budget.macs
    for stage, scaling in (scalings or {}).items():
        feasible &= meets_stage(space, own, costs(space, bases, scaling)[:, 0], stage)
    for stage, scaling in {0: base_scaling(space), **(scalings or {})}.items():
        feasible = narrow(space, (bases, scaling), stage, feasible, criteria)
    return feasible


def meets_stage(space: SearchSpace, own: np.ndarray, scaled: np.ndarray, stage: int) -> np.ndarray:
    """Whether scaled multiply-adds are near enough to growth^stage times the base's own."""
    target = own * space.budget.growth**stage
    return np.abs(scaled - target) <= space.budget.stage_tolerance * target


def fits_stage(
    space: SearchSpace,
    bases: EncodedBases,
    own: np.ndarray,
    scaling: Scaling,
    stage: int,
    criteria: Criteria = NO_CRITERIA,
) -> np.ndarray:
    """Which feasible bases, of `own` multiply-adds, meet all that a stage at `scaling` must: bool [N]."""
    feasible = meets_stage(space, own, costs(space, bases, scaling)[:, 0], stage)
    return narrow(space, (bases, scaling), stage, feasible, criteria)


def find_feasible_bases(
    space: SearchSpace,
    rng: np.random.Generator,
    count: int,
    scalings: Mapping[int, Scaling] | None = None,
    batches: int = MAX_BATCHES,
    criteria: Criteria = NO_CRITERIA,
) -> EncodedBases:
    """As `draw_feasible_bases`, but gives what `batches` of at most 4,096 draws hold where that is fewer."""
    table = budget_table(space, base_scaling(space), space.budget)
    found, total = [table.draw(rng, 0)], 0
    for _ in range(batches if table.possible else 0):
        # The multiply-adds alone keep nearly every draw, so a little over `count` is enough for them.
        most = _BATCH if scalings or space.budget.ranges else min(_BATCH, count + count // 16 + 8)
        batch = table.draw(rng, most)
        batch = batch[meets_budget(space, batch, scalings)]
        if criteria.constraints:
            # They are called one by one, which takes its time.
            batch = batch[:_CHECKED]
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
    """Draws bases as `draw_bases` does, under the condition that `meets_budget`.

    Args:
      space: The space, with its budget.
      rng: The source of randomness.
      count: How many bases, repetitions included.
      scalings: Scaling by scaling stage, whose budgets must be met too.

    Returns:
      `count` bases.

    Raises:
      ScaleNetError: where too few can be found, saying which bound is wrong and what can be reached.

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
    """As many feasible bases as can be found, up to `most`, at least one.

    Raises:
      ScaleNetError: where there is none, saying which bound is wrong and what can be reached.
    """
    bases = find_feasible_bases(space, rng, most, criteria=criteria)
    if len(bases):
        return bases
    check_base_budget(space)
    alone = _without_ranges(space)
    refuse(space, 0, [(find_feasible_bases(alone, rng, _SAMPLE), base_scaling(space))], criteria)


def check_base_budget(space: SearchSpace) -> None:
    """Raises ScaleNetError where no base has the multiply-adds; the text says what the space can reach."""
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
    if len(find_feasible_bases(_without_ranges(space), np.random.default_rng(0), 1)) == 0:
        nearest = _nearest_macs(space)
        raise InvalidInputError(
            f"`budget.base_tolerance` is too narrow: no base has {bounds} multiply-adds. {reach}, "
            f"near the budget {nearest:,}: raise `budget.base_tolerance`, or move `budget.macs` there."
        )


def _without_ranges(space: SearchSpace) -> SearchSpace:
    return space.model_copy(update={"budget": space.budget.model_copy(update={"ranges": ()})})


def _nearest_macs(space: SearchSpace) -> int:
    """Multiply-adds of a base that is close to the budget, found by widening the window."""
    budget = space.budget
    tolerance = budget.base_tolerance
    while True:
        tolerance *= 2
        wide = budget.model_copy(update={"base_tolerance": tolerance})
        table = budget_table(space, base_scaling(space), wide)
        if table.possible:
            macs = costs(space, table.draw(np.random.default_rng(0), _BATCH), base_scaling(space))[:, 0]
            return int(macs[np.abs(macs - budget.macs).argmin()])
