"""Checks bases against the budget's ranges and the user's constraints, with the error if none meets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.costs.latency import latencies
from scalenet_tf.costs.macs import costs
from scalenet_tf.costs.memory import peak_memories
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.budget import Quantity, Range, number
from scalenet_tf.space.criteria import Criteria, name_of
from scalenet_tf.space.scaling import scale

# Bases at one scaling.
ScaledBases = tuple[EncodedBases, Scaling]


def measure(space: SearchSpace, bases: EncodedBases, scaling: Scaling, quantity: Quantity) -> np.ndarray:
    """Returns one quantity of N bases at one scaling, in the unit of the quantity: [N]."""
    if quantity == "peak_memory":
        return peak_memories(space, bases, scaling)
    if quantity == "latency_ms":
        return latencies(space, bases, scaling)
    return costs(space, bases, scaling)[:, ("macs", "parameters").index(quantity)]


def measure_for(space: SearchSpace, bases: EncodedBases, scaling: Scaling, bound: Range) -> np.ndarray:
    """Returns the values of N bases at one scaling that a range compares with its bounds: [N]."""
    values = measure(space, bases, scaling, bound.quantity)
    if not bound.relative:
        return values
    return values / measure(space, bases, space.menus[0].scalings()[0], bound.quantity)


def meets_ranges(
    space: SearchSpace, scaled: ScaledBases, scaling_stage: int, feasible: np.ndarray, criteria: Criteria
) -> np.ndarray:
    """Returns which feasible bases meet the ranges and constraints of a scaling stage, too.

    Args:
      space: Search space, with the ranges of its budget.
      scaled: N bases at a scaling.
      scaling_stage: Scaling stage that the scaling belongs to.
      feasible: bool [N], the bases to check. The others are not measured.
      criteria: The user's constraints.

    Returns:
      bool [N].
    """
    bounds = [bound for bound in space.budget.ranges if bound.binds(scaling_stage)]
    if not bounds and not criteria.constraints:
        return feasible
    bases, scaling = scaled
    left = np.flatnonzero(feasible)
    for bound in bounds:
        left = left[bound.holds(measure_for(space, bases[left], scaling, bound))]
    if criteria.constraints:
        subnets = (scale(space, base, scaling) for base in decode(space, bases[left]))
        left = left[np.array([criteria.allows(subnet, scaling_stage) for subnet in subnets], bool)]
    kept = np.zeros(len(bases), bool)
    kept[left] = True
    return kept


def raise_unreachable(
    space: SearchSpace, scaling_stage: int, within_budget: Sequence[ScaledBases], criteria: Criteria
) -> NoReturn:
    """Raises the error for a scaling stage in which no base meets all ranges and constraints.

    Args:
      space: Search space, with the ranges of its budget.
      scaling_stage: Scaling stage.
      within_budget: Bases at scalings that meet the budget of multiply-adds, at least one of them.
      criteria: The user's constraints.

    Raises:
      ScaleNetError: Always. The text names the range or constraint that none of the bases meets, with the
        values that they reach, or says that each can be met alone, but not all together.
    """
    where = f"of S{scaling_stage} in space {space.name!r}"
    drawn = f"{sum(len(bases) for bases, _ in within_budget):,} drawn ones within the budget of multiply-adds"
    for index, bound in enumerate(space.budget.ranges):
        if bound.binds(scaling_stage):
            measured = [measure_for(space, bases, scaling, bound) for bases, scaling in within_budget]
            values = np.concatenate(measured)
            if not bound.holds(values).any():
                raise InvalidInputError(
                    f"`budget.ranges[{index}]` {where} must be {bound}, which none of {drawn} is. They "
                    f"reach {number(values.min())} to {number(values.max())}. {_advice(bound, values)}"
                )
    for index, constraint in enumerate(criteria.constraints):
        single = Criteria((constraint,))
        if not any(
            single.allows(scale(space, base, scaling), scaling_stage)
            for bases, scaling in within_budget
            for base in decode(space, bases)
        ):
            raise InvalidInputError(
                f"`constraints[{index}]` {name_of(constraint)} {where} must allow some subnet; it allows "
                f"none of {drawn}. Loosen it, or change the budget."
            )
    raise InvalidInputError(
        f"`budget.ranges` and constraints {where} must be met together; each alone is met by some of "
        f"{drawn}, but all of them by none. Widen one of them."
    )


def _advice(bound: Range, values: np.ndarray) -> str:
    change = "`budget.macs`, depths, widths or resolutions"
    if bound.most is not None and bound.most < values.min():
        return f"`most` is too low: raise it, or lower {change}."
    if bound.least is not None and bound.least > values.max():
        return f"`least` is too high: lower it, or raise {change}."
    # The bounds fall between two values that are reached.
    assert bound.least is not None and bound.most is not None  # noqa: S101
    below, above = values[values < bound.least].max(), values[values > bound.most].min()
    return f"It is too narrow, between {number(below)} and {number(above)}: widen it."
