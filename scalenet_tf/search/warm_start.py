"""Where a search may begin instead of at random: good bases, and the best one's scalings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from scalenet_tf.cost import EncodedBases, costs, encode
from scalenet_tf.demands import NONE, Demands
from scalenet_tf.digest import json_digest
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.feasible import base_scaling, meets_budget
from scalenet_tf.op import Value
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace


class WarmStart(Value):
    """Bases, the best one first, and the scalings of that one.

    Attributes:
      bases: At least one.
      scalings: Of the first base, S0 first.
    """

    bases: tuple[BaseArchitecture, ...] = Field(min_length=1)
    scalings: tuple[Scaling, ...]

    @property
    def digest(self) -> str:
        """Of the content, wherever it was read."""
        return json_digest(self.model_dump(mode="json"))


@dataclass(frozen=True)
class Known:
    """What of a warm start a search can use.

    Attributes:
      bases: Those within the budget, the best one first.
      scalings: The best one's, where it and they meet all that the space asks for; else None.
    """

    bases: EncodedBases
    scalings: tuple[Scaling, ...] | None


def check_start(space: SearchSpace, start: WarmStart | None) -> None:
    """Raises ScaleNetError where a base is not in `space`, naming the stage and what it allows."""
    for base in start.bases if start else ():
        try:
            space.check_base(base)
        except ScaleNetError as error:
            raise ScaleNetError(
                f"`search.warm_start` must hold bases of space {space.name!r}: {error}. Choose the space "
                "that they come from, or widen that stage."
            ) from error


def usable(space: SearchSpace, start: WarmStart | None, demands: Demands = NONE) -> Known:
    """What a search of `space` can use of a warm start, all of it within the budget.

    Raises:
      ScaleNetError: where that is nothing, saying what the bases cost.
    """
    bases = encode(space, list(start.bases) if start else [])
    if start is None:
        return Known(bases, None)
    check_start(space, start)
    met = meets_budget(space, bases, None, demands)
    if not met.any():
        macs = costs(space, bases, base_scaling(space))[:, 0]
        nearest = int(macs[np.abs(macs - space.budget.macs).argmin()])
        budget = f"{space.budget.macs:,} multiply-adds ± {100 * space.budget.base_tolerance:g} %"
        raise ScaleNetError(
            f"`search.warm_start`: none of its {len(bases)} bases meets the budget of space {space.name!r}: "
            f"{budget}, its ranges, the constraints. The nearest one has {nearest:,} multiply-adds: a new "
            f"run with --set ladder.macs={nearest} searches around it."
        )
    scalings = start.scalings[: len(space.menus)]
    known = met[0] and len(scalings) == len(space.menus)
    known = known and all(s in menu.scalings() for s, menu in zip(scalings, space.menus, strict=True))
    known = known and meets_budget(space, bases[:1], dict(enumerate(scalings[1:], start=1)), demands)[0]
    return Known(bases[np.flatnonzero(met)], scalings if known else None)
