"""`Pool`: feasible bases against every scaling of the menus, which tells the scalings that are possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, concatenate, new_only
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.sampling.feasible import base_scaling, meets_stage, sample_feasible_bases
from scalenet_tf.sampling.ranges import meets_ranges, raise_unreachable
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.space.rules import scaled_depth, scaled_width

SIZE = 512


@dataclass(frozen=True)
class Pool:
    """Feasible bases, and the scalings that fit each of them.

    Attributes:
      bases: Different bases within the budget of S0. `draw_pool` draws `SIZE` of them.
      scalings: Per scaling stage, the distinct scalings of its menu.
      feasible: Per scaling stage, bool [scalings, bases]: whether the base at that scaling meets the budget
        of the stage.
    """

    bases: EncodedBases
    scalings: tuple[tuple[Scaling, ...], ...]
    feasible: tuple[np.ndarray, ...]

    def choose_jointly(self, orders: list[list[int]]) -> list[int] | None:
        """Chooses one scaling per scaling stage such that some base of the pool fits all of them.

        Args:
          orders: Per scaling stage, indices into `scalings` in descending order of preference.

        Returns:
          The first possible choice in lexicographic order, as one index per scaling stage, or None.
        """

        # A base that fits some scaling of each stage goes with any choice that it fits so far.
        left = np.ones(len(self.bases), bool)
        for feasible, order in zip(self.feasible, orders, strict=True):
            left &= feasible[order].any(axis=0)
        if not left.any():
            return None
        chosen = []
        for feasible, order in zip(self.feasible, orders, strict=True):
            chosen.append(next(index for index in order if (left & feasible[index]).any()))
            left &= feasible[chosen[-1]]
        return chosen

    def choose_at_random(self, rng: np.random.Generator) -> list[int]:
        """Returns `choose_jointly` of random orders. The scalings of the pool must be possible together."""
        chosen = self.choose_jointly([rng.permutation(len(menu)).tolist() for menu in self.scalings])
        if chosen is None:
            raise AssertionError("draw_pool has checked that the scalings can be met together")
        return chosen

    def at(self, chosen: list[int]) -> tuple[Scaling, ...]:
        """Returns the scalings of a choice, S0 first."""
        return tuple(menu[index] for menu, index in zip(self.scalings, chosen, strict=True))


def draw_pool(
    space: SearchSpace,
    rng: np.random.Generator,
    criteria: Criteria = NO_CRITERIA,
    known: EncodedBases | None = None,
) -> Pool:
    """Draws the pool of a search.

    Args:
      space: Search space, with its budget.
      rng: Source of randomness.
      criteria: The user's constraints.
      known: Bases within the budget, which come first.

    Raises:
      ScaleNetError: If the base, a scaling stage, or all scaling stages together cannot meet their budgets.
        The text names the bound that is wrong and the values that can be reached.
    """
    drawn = sample_feasible_bases(space, rng, SIZE, criteria)
    bases = new_only(drawn if known is None else concatenate([known, drawn]), set())
    base_macs = costs(space, bases, base_scaling(space))[:, 0]
    scalings = tuple(distinct_scalings(space, stage) for stage in range(len(space.menus)))
    feasible = [np.ones((1, len(bases)), bool)]
    for stage, menu in enumerate(scalings[1:], start=1):
        scaled = np.stack([costs(space, bases, scaling)[:, 0] for scaling in menu])
        met = meets_stage(space, base_macs, scaled, stage)
        if not met.any():
            _raise_out_of_reach(space, stage, scaled / base_macs)
        pairs = list(zip(menu, met, strict=True))
        feasible.append(np.stack([meets_ranges(space, (bases, s), stage, row, criteria) for s, row in pairs]))
        if not feasible[-1].any():
            raise_unreachable(space, stage, [(bases[row], scaling) for scaling, row in pairs], criteria)
    pool = Pool(bases, scalings, tuple(feasible))
    bound = space.budget.ranges or criteria.constraints
    if pool.choose_jointly([list(range(len(menu))) for menu in scalings]) is None:
        raise InvalidInputError(
            f"`menus` of space {space.name!r} must let one base meet the budgets of all scaling stages at "
            f"once; none of {len(bases)} bases within `budget.macs` does, though each alone can be met. "
            f"Raise `budget.stage_tolerance` ({space.budget.stage_tolerance:g}) or add scalings to the menus"
            f"{', or widen `budget.ranges` or the constraints.' if bound else '.'}"
        )
    return pool


def check_space(space: SearchSpace, criteria: Criteria = NO_CRITERIA) -> None:
    """Raises ScaleNetError if a space cannot be searched. Call it before anything is trained.

    Example:
      >>> check_space(load_space("paper"))
    """
    draw_pool(space, np.random.default_rng(0), criteria)


def distinct_scalings(space: SearchSpace, scaling_stage: int) -> tuple[Scaling, ...]:
    """Returns the menu of a scaling stage without scalings that give the same network for every base."""
    depths = {depth for part in space.stages for depth in range(part.depth[0], part.depth[1] + 1)}
    widths = {space.stem_width, *(part.width for part in space.stages)}
    distinct: dict[tuple[tuple[int, ...], tuple[int, ...], int], Scaling] = {}
    for scaling in space.menus[scaling_stage].scalings():
        realised = (
            tuple(scaled_depth(depth, scaling.depth_thousandths) for depth in sorted(depths)),
            tuple(scaled_width(w, scaling.width_thousandths, space.width_divisor) for w in sorted(widths)),
            scaling.resolution,
        )
        distinct.setdefault(realised, scaling)
    return tuple(distinct.values())


def _raise_out_of_reach(space: SearchSpace, stage: int, ratios: np.ndarray) -> NoReturn:
    """Raises the error for a scaling stage whose multiply-adds, as ratios to the base's, miss its budget."""
    tolerance, times = space.budget.stage_tolerance, space.budget.growth**stage
    nearest = ratios.flat[np.abs(ratios / times - 1).argmin()]
    if ratios.max() < times:
        advice = f"it is too small: add larger multipliers or resolutions to `menus[{stage}]`"
    elif ratios.min() > times:
        advice = f"it is too large: add smaller multipliers or resolutions to `menus[{stage}]`"
    else:
        advice = f"it has a gap there: raise `budget.stage_tolerance`, or add finer steps to `menus[{stage}]`"
    raise InvalidInputError(
        f"`menus[{stage}]` of space {space.name!r} must reach {times:g} times the base's multiply-adds "
        f"± {100 * tolerance:g} %; {advice}. Its scalings reach {ratios.min():.2f} to {ratios.max():.2f} "
        f"times, at the nearest {nearest:.3f}."
    )
