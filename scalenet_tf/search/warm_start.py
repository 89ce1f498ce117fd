"""The part of a warm start that a search can use: good bases, and scalings for the best of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, encode
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.warm_start import check_warm_start
from scalenet_tf.sampling.feasible import base_scaling, meets_budget, without_ranges
from scalenet_tf.sampling.ranges import raise_unreachable
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Scaling


@dataclass(frozen=True)
class UsableStart:
    """The usable part of a warm start.

    Attributes:
      bases: Bases within the budget of S0, the best one first; none without a warm start.
      scalings: Scalings of the first base, S0 first, if they and it meet all budgets; else None.
    """

    bases: EncodedBases
    scalings: tuple[Scaling, ...] | None


def usable_start(problem: SearchProblem) -> UsableStart:
    """Returns the part of a problem's warm start that meets its budgets.

    Raises:
      ScaleNetError: If no base of the warm start is within the budget. The text gives the nearest one, or the
        range or constraint that none meets.
    """
    space, start, criteria = problem.space, problem.start, problem.criteria
    bases = encode(space, list(start.bases) if start else [])
    if start is None:
        return UsableStart(bases, None)
    check_warm_start(space, start)
    met = meets_budget(space, bases, None, criteria)
    if not met.any():
        macs = costs(space, bases, base_scaling(space))[:, 0]
        within = meets_budget(without_ranges(space), bases, None)
        if within.any():
            try:
                raise_unreachable(space, 0, [(bases[within], base_scaling(space))], criteria)
            except InvalidInputError as error:
                raise InvalidInputError(f"`search.warm_start`, by its bases alone: {error}") from None
        nearest = int(macs[np.abs(macs - space.budget.macs).argmin()])
        budget = f"{space.budget.macs:,} multiply-adds ± {100 * space.budget.base_tolerance:g} %"
        raise InvalidInputError(
            f"`search.warm_start`: none of its {len(bases)} bases meets the budget of space {space.name!r}: "
            f"{budget}, its ranges, the constraints. The nearest one has {nearest:,} multiply-adds: a new "
            f"run with --set ladder.macs={nearest} searches around it."
        )
    scalings = start.scalings[: len(space.menus)]
    fits = met[0] and len(scalings) == len(space.menus)
    fits = fits and all(s in menu.scalings() for s, menu in zip(scalings, space.menus, strict=True))
    fits = fits and meets_budget(space, bases[:1], dict(enumerate(scalings[1:], start=1)), criteria)[0]
    return UsableStart(bases[np.flatnonzero(met)], scalings if fits else None)
