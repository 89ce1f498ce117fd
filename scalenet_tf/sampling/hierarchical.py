"""Hierarchical sampling (HSS): a scaling stage, its scaling, then ops and depths (paper, section 3.2).

A draw is a pure function of (seed, step), by a counter-based generator: every random number is a hash of
(seed, step, position). All replicas and workers therefore agree without communication, a resumed run draws
the same subnets, and the resolutions of a whole training are known in advance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.macs import cost_table
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.sampling.smallest_largest import largest_subnet, smallest_subnet
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import scaled_depth
from scalenet_tf.space.scaling import scale

StageWeights = Literal["widths", "equal", "cost"] | Sequence[float]
Sandwich = Literal["stage", "space"]

# Positions of a step's random numbers. Then come, per stage of the network, one for its depth and its ops'.
_SCALING_STAGE, _DEPTH, _WIDTH, _RESOLUTION, _BLOCKS = range(5)


@dataclass(frozen=True)
class Draw:
    """The subnet that is drawn for one training step.

    Attributes:
      step: Training step.
      scaling_stage: Scaling stage, an index into `space.menus`.
      base: Base architecture.
      scaling: Scaling from the menu of the scaling stage.
      subnet: The network `scale(space, base, scaling)`.
    """

    step: int
    scaling_stage: int
    base: BaseArchitecture
    scaling: Scaling
    subnet: Subnet


def draw_subnet(space: SearchSpace, seed: int, step: int, stage_weights: StageWeights = "widths") -> Draw:
    """Draws the subnet of one training step.

    Args:
      space: Search space to draw from.
      seed: Seed of the draws, at least 0.
      step: Training step, at least 0.
      stage_weights: Probabilities of the scaling stages: "widths" (proportional to the number of width
        multipliers), "equal", "cost" (inverse to `mean_macs`, so that each stage gets the same share of the
        multiply-adds), or one weight >= 0 per scaling stage.

    Returns:
      The draw, which is equal for equal arguments in every process.

    Raises:
      ScaleNetError: If the stage weights do not fit the space.

    Example:
      >>> draw_subnet(space, seed=0, step=17).subnet.resolution
    """
    if not isinstance(stage_weights, str):
        stage_weights = tuple(stage_weights)
    blocks = [stage.depth[1] for stage in space.stages]
    uniform = _uniform(seed, np.uint64(step), np.arange(_BLOCKS + len(blocks) + sum(blocks))).tolist()
    cumulative = _cumulative(space, stage_weights)
    scaling_stage = int(np.searchsorted(cumulative, uniform[_SCALING_STAGE], side="right"))
    menu = space.menus[scaling_stage]
    scaling = Scaling(
        depth_thousandths=menu.depth[int(uniform[_DEPTH] * len(menu.depth))],
        width_thousandths=menu.width[int(uniform[_WIDTH] * len(menu.width))],
        resolution=menu.resolution[int(uniform[_RESOLUTION] * len(menu.resolution))],
    )
    numbers = iter(uniform[_BLOCKS:])
    stages = []
    for part in space.stages:
        low, high = part.depth
        depth = low + int(next(numbers) * (high - low + 1))
        ops = [part.ops[int(u * len(part.ops))] for u in itertools.islice(numbers, high)]
        stages.append(tuple(ops[:depth]))
    base = BaseArchitecture(stages=tuple(stages))
    return Draw(step, scaling_stage, base, scaling, scale(space, base, scaling))


def trained_subnets(space: SearchSpace, draw: Draw, sandwich: Sandwich | None = None) -> tuple[Subnet, ...]:
    """Returns the subnets that the step of a draw trains, the largest first.

    Args:
      space: Search space of the draw.
      draw: Value of `draw_subnet`.
      sandwich: "stage" adds the largest and the smallest subnet of the drawn scaling stage, "space" those of
        the whole space. Default: the drawn subnet alone.
    """
    if sandwich is None:
        return (draw.subnet,)
    stage = draw.scaling_stage if sandwich == "stage" else None
    return largest_subnet(space, stage), draw.subnet, smallest_subnet(space, stage)


def draw_resolutions(
    space: SearchSpace,
    seed: int,
    steps: int,
    stage_weights: StageWeights = "widths",
    sandwich: Sandwich | None = None,
) -> np.ndarray:
    """Returns the resolutions of the subnets that each of the first `steps` steps trains, in pixels.

    Args:
      space: Search space to draw from.
      seed: Seed of the draws, at least 0.
      steps: Number of training steps.
      stage_weights: Probabilities of the scaling stages, see `draw_subnet`.
      sandwich: Further subnets of each step, see `trained_subnets`.

    Returns:
      int64 [steps], the resolutions of `draw_subnet`; with a sandwich int64 [steps, 3], the resolutions of
      `trained_subnets`.
    """
    if not isinstance(stage_weights, str):
        stage_weights = tuple(stage_weights)
    step = np.arange(steps, dtype=np.uint64)
    cumulative = _cumulative(space, stage_weights)
    stage = np.searchsorted(cumulative, _uniform(seed, step, np.array(_SCALING_STAGE)), side="right")
    sizes = np.array([len(menu.resolution) for menu in space.menus])
    starts = np.cumsum(sizes) - sizes
    resolutions = np.array([r for menu in space.menus for r in menu.resolution], np.int64)
    choice = (_uniform(seed, step, np.array(_RESOLUTION)) * sizes[stage]).astype(np.int64)
    drawn = resolutions[starts[stage] + choice]
    if sandwich is None:
        return drawn
    of_stage = [s if sandwich == "stage" else None for s in range(len(space.menus))]
    largest, smallest = (
        np.array([extreme(space, s).resolution for s in of_stage])
        for extreme in (largest_subnet, smallest_subnet)
    )
    return np.stack([largest[stage], drawn, smallest[stage]], axis=1)


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


def draw_bases(space: SearchSpace, rng: np.random.Generator, count: int) -> EncodedBases:
    """Draws bases as hierarchical sampling does: uniform depths in the range of each stage, then uniform ops.

    Args:
      space: Search space to draw from.
      rng: Random generator; it advances.
      count: Number of bases, at least 0.
    """
    low, high = np.array([stage.depth for stage in space.stages]).T
    depth = rng.integers(low, high + 1, size=(count, len(low)))
    menus = np.array([len(stage.ops) for stage in space.stages])
    ops = rng.integers(0, menus[:, None], size=(count, len(low), int(high.max())))
    return EncodedBases(depth, ops)


def stage_probabilities(space: SearchSpace, stage_weights: StageWeights) -> np.ndarray:
    """Returns the probability of each scaling stage: float64 [scaling stages], with sum 1.

    Args:
      space: Search space.
      stage_weights: Rule or weights, see `draw_subnet`.

    Raises:
      ScaleNetError: If there is not one weight >= 0 per scaling stage, or all are 0.
    """
    if stage_weights == "widths":
        weights = np.array([len(menu.width) for menu in space.menus], float)
    elif stage_weights == "equal":
        weights = np.ones(len(space.menus))
    elif stage_weights == "cost":
        weights = 1 / np.array([mean_macs(space, stage) for stage in range(len(space.menus))])
    elif isinstance(stage_weights, str):
        raise InvalidInputError(
            f"`stage_weights` must be 'widths', 'equal', 'cost' or a list of numbers. "
            f"Received: {stage_weights!r}"
        )
    else:
        weights = np.array(stage_weights, float)
        usable = weights.shape == (len(space.menus),) and np.isfinite(weights).all() and (weights >= 0).all()
        if not usable or weights.sum() == 0:
            raise InvalidInputError(
                f"`stage_weights` must hold one weight >= 0, not all of them 0, for each of the "
                f"{len(space.menus)} scaling stages of space {space.name!r}. Received: {list(stage_weights)}"
            )
    return weights / weights.sum()


@lru_cache(maxsize=64)
def _cumulative(space: SearchSpace, stage_weights: StageWeights) -> np.ndarray:
    """Returns the upper edges of the shares of [0, 1) of the scaling stages, without the last one."""
    return np.cumsum(stage_probabilities(space, stage_weights))[:-1]


def _uniform(seed: int, step: np.ndarray | np.uint64, position: np.ndarray) -> np.ndarray:
    """Returns a uniform number in [0, 1) per (step, position): 53 bits of a hash of both and the seed."""
    # Each level is hashed before the next is added, so neighbouring seeds, steps and positions are unrelated.
    stream = _mix(np.array(seed & 0xFFFFFFFFFFFFFFFF, np.uint64))
    bits = _mix(_mix(stream + step) + position.astype(np.uint64))
    return (bits >> np.uint64(11)) * 2.0**-53


def _mix(value: np.ndarray) -> np.ndarray:
    """Applies the step and finaliser of the SplitMix64 generator (Steele, Lea and Flood, 2014), mod 2^64."""
    value = value + np.array([0x9E3779B97F4A7C15], np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.array([0xBF58476D1CE4E5B9], np.uint64)
    value = (value ^ (value >> np.uint64(27))) * np.array([0x94D049BB133111EB], np.uint64)
    return value ^ (value >> np.uint64(31))
