"""Where a search may begin instead of at random: good bases, and the best one's scalings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, encode
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.warm_start import check_start
from scalenet_tf.sampling.feasible import base_scaling, meets_budget
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Scaling


@dataclass(frozen=True)
class Known:
    """What of a warm start a search can use.

    Attributes:
      bases: Those within the budget, the best one first.
      scalings: The best one's, where it and they meet all that the space asks for; else None.
    """

    bases: EncodedBases
    scalings: tuple[Scaling, ...] | None


def usable(problem: SearchProblem) -> Known:
    """Returns the part of a problem's warm start that is within its budget.

    Raises:
      ScaleNetError: If no base of the warm start is. The text says what the nearest one costs.
    """
    space, start, criteria = problem.space, problem.start, problem.criteria
    bases = encode(space, list(start.bases) if start else [])
    if start is None:
        return Known(bases, None)
    check_start(space, start)
    met = meets_budget(space, bases, None, criteria)
    if not met.any():
        macs = costs(space, bases, base_scaling(space))[:, 0]
        nearest = int(macs[np.abs(macs - space.budget.macs).argmin()])
        budget = f"{space.budget.macs:,} multiply-adds ± {100 * space.budget.base_tolerance:g} %"
        raise InvalidInputError(
            f"`search.warm_start`: none of its {len(bases)} bases meets the budget of space {space.name!r}: "
            f"{budget}, its ranges, the constraints. The nearest one has {nearest:,} multiply-adds: a new "
            f"run with --set ladder.macs={nearest} searches around it."
        )
    scalings = start.scalings[: len(space.menus)]
    known = met[0] and len(scalings) == len(space.menus)
    known = known and all(s in menu.scalings() for s, menu in zip(scalings, space.menus, strict=True))
    known = known and meets_budget(space, bases[:1], dict(enumerate(scalings[1:], start=1)), criteria)[0]
    return Known(bases[np.flatnonzero(met)], scalings if known else None)
