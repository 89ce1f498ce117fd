"""Probabilities with which training draws each scaling stage, and each resolution in it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np

from scalenet_tf.costs.macs import cost_table
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.rules import scaled_depth

Rule = Literal["widths", "equal", "cost", "resolutions"]
StageWeights = Rule | Sequence[float]
Resolutions = Sequence[Sequence[int]]


def stage_probabilities(space: SearchSpace, stage_weights: StageWeights) -> np.ndarray:
    """Returns the probability of each scaling stage: float64 [scaling stages], with sum 1.

    Args:
      space: Search space.
      stage_weights: Rule or weights, see `draw_subnet`.

    Raises:
      ScaleNetError: If there is not one weight >= 0 per scaling stage, or all are 0.
    """
    if stage_weights == "resolutions":
        joint = joint_probabilities(space, stage_weights, [menu.resolution for menu in space.menus])
        return np.array([math.fsum(own) for own in joint])
    return _shares(space, stage_weights, [])


def joint_probabilities(
    space: SearchSpace, stage_weights: StageWeights, resolutions: Resolutions, macs: Sequence[float] = ()
) -> list[np.ndarray]:
    """Returns the probability of each resolution of each scaling stage.

    Args:
      space: Search space.
      stage_weights: Rule or weights, see `draw_subnet`.
      resolutions: Per scaling stage, the resolutions that can be drawn.
      macs: Per scaling stage, the mean multiply-adds of its subnets, for the rule "cost". Default: those of
        hierarchical sampling.

    Returns:
      float64 [resolutions] per scaling stage. All of them together have sum 1.
    """
    if stage_weights == "resolutions":
        stages = Counter(itertools.chain.from_iterable(resolutions))
        return [np.array([1 / len(stages) / stages[r] for r in own]) for own in resolutions]
    shares = _shares(space, stage_weights, macs)
    return [np.full(len(own), share / len(own)) for own, share in zip(resolutions, shares, strict=True)]


@lru_cache(maxsize=64)
def mean_macs(space: SearchSpace, scaling_stage: int) -> float:
    """Returns the mean multiply-adds of the subnets that are drawn in a scaling stage.

    Args:
      space: Search space.
      scaling_stage: Scaling stage, an index into `space.menus`.
    """
    menu = space.menus[scaling_stage]
    means = []
    for width, resolution in itertools.product(menu.width, menu.resolution):
        table = cost_table(
            space, Scaling(depth_thousandths=1000, width_thousandths=width, resolution=resolution)
        )
        macs = float(table.ends[0])
        for part, first, rest in zip(space.stages, table.first, table.rest, strict=True):
            low, high = part.depth
            depths = [scaled_depth(n, d) for d in menu.depth for n in range(low, high + 1)]
            # The op of every block is uniform over the menu, also that of a copied block.
            macs += first[:, 0].mean() + (sum(depths) / len(depths) - 1) * rest[:, 0].mean()
        means.append(macs)
    return math.fsum(means) / len(means)


def _shares(space: SearchSpace, stage_weights: StageWeights, macs: Sequence[float]) -> np.ndarray:
    weights = _weights(space, stage_weights, macs)
    return weights / weights.sum()


def _weights(space: SearchSpace, stage_weights: StageWeights, macs: Sequence[float]) -> np.ndarray:
    if stage_weights == "widths":
        return np.array([len(menu.width) for menu in space.menus], float)
    if stage_weights == "equal":
        return np.ones(len(space.menus))
    if stage_weights == "cost":
        return 1 / np.array(macs or [mean_macs(space, stage) for stage in range(len(space.menus))])
    if isinstance(stage_weights, str):
        raise InvalidInputError(
            f"`stage_weights` must be 'widths', 'equal', 'cost', 'resolutions' or a list of numbers. "
            f"Received: {stage_weights!r}"
        )
    weights = np.array(stage_weights, float)
    usable = weights.shape == (len(space.menus),) and np.isfinite(weights).all() and (weights >= 0).all()
    if not usable or weights.sum() == 0:
        raise InvalidInputError(
            f"`stage_weights` must hold one weight >= 0, not all of them 0, for each of the "
            f"{len(space.menus)} scaling stages of space {space.name!r}. Received: {list(stage_weights)}"
        )
    return weights
