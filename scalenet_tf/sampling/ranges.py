"""Ranges of a budget and a user's own constraints: which bases meet them, and what to say where none does."""

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

# Bases, and the scaling at which they are looked at.
Candidates = tuple[EncodedBases, Scaling]


def measure(space: SearchSpace, bases: EncodedBases, scaling: Scaling, quantity: Quantity) -> np.ndarray:
    """One quantity of many bases at one scaling, in its own unit: [N]."""
    if quantity == "peak_memory":
        return peak_memories(space, bases, scaling)
    if quantity == "latency_ms":
        return latencies(space, bases, scaling)
    return costs(space, bases, scaling)[:, ("macs", "parameters").index(quantity)]


def measure_for(space: SearchSpace, bases: EncodedBases, scaling: Scaling, bound: Range) -> np.ndarray:
    """What a range compares with its bounds: [N]."""
    values = measure(space, bases, scaling, bound.quantity)
    if not bound.relative:
        return values
    return values / measure(space, bases, space.menus[0].scalings()[0], bound.quantity)


def narrow(
    space: SearchSpace, candidates: Candidates, stage: int, feasible: np.ndarray, criteria: Criteria
) -> np.ndarray:
    """Which of the feasible bases meet the ranges and constraints of a scaling stage too: bool [N]."""
    bounds = [bound for bound in space.budget.ranges if bound.binds(stage)]
    if not bounds and not criteria.constraints:
        return feasible
    bases, scaling = candidates
    left = np.flatnonzero(feasible)
    for bound in bounds:
        left = left[bound.holds(measure_for(space, bases[left], scaling, bound))]
    if criteria.constraints:
        allowed = [criteria.allows(scale(space, base, scaling), stage) for base in decode(space, bases[left])]
        left = left[np.array(allowed, bool)]
    kept = np.zeros(len(bases), bool)
    kept[left] = True
    return kept


def refuse(space: SearchSpace, stage: int, met: Sequence[Candidates], criteria: Criteria) -> NoReturn:
    """Raises for a scaling stage of which no candidate is left.

    Args:
      space: The space.
      stage: The scaling stage.
      met: Bases at scalings that meet the budget of multiply-adds, some at least.
      criteria: The user's own constraints.

    Raises:
      ScaleNetError: naming the range or constraint that none of them meets, with what they reach; or all
        of them, where each alone can be met.
    """
    where = f"of S{stage} in space {space.name!r}"
    within = f"{sum(len(bases) for bases, _ in met):,} drawn ones within the budget of multiply-adds"
    for index, bound in enumerate(space.budget.ranges):
        if bound.binds(stage):
            values = np.concatenate([measure_for(space, bases, scaling, bound) for bases, scaling in met])
            if not bound.holds(values).any():
                raise InvalidInputError(
                    f"`budget.ranges[{index}]` {where} must be {bound}, which none of {within} is. They "
                    f"reach {number(values.min())} to {number(values.max())}. {_advice(bound, values)}"
                )
    for index, constraint in enumerate(criteria.constraints):
        single = Criteria((constraint,))
        if not any(
            single.allows(scale(space, base, scaling), stage)
            for bases, scaling in met
            for base in decode(space, bases)
        ):
            raise InvalidInputError(
                f"`constraints[{index}]` {name_of(constraint)} {where} must allow some subnet; it allows "
                f"none of {within}. Loosen it, or change the budget."
            )
    raise InvalidInputError(
        f"`budget.ranges` and constraints {where} must be met together; each alone is met by some of "
        f"{within}, but all of them by none. Widen one of them."
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
