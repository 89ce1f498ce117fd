"""Hierarchical sampling (HSS): a scaling stage, its scaling, then ops and depths (paper, section 3.2).

A draw is a pure function of (seed, step), through a counter-based generator: every random number is a
hash of (seed, step, position). So all replicas and workers agree without talking, a resumed run draws
the same, and the resolutions of a whole training can be had at once.
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
from scalenet_tf.sampling.extremes import largest_subnet, smallest_subnet
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import scaled_depth
from scalenet_tf.space.scaling import scale

StageWeights = Literal["widths", "equal", "cost"] | Sequence[float]
Sandwich = Literal["stage", "space"]

# Positions of a step's random numbers; blocks follow: per space stage one for the depth, then its ops.
_STAGE, _DEPTH, _WIDTH, _RESOLUTION, _BLOCKS = range(5)


@dataclass(frozen=True)
class Draw:
    """What one training step runs.

    Attributes:
      step: Which step.
      stage: The scaling stage, an index into `space.menus`.
      base: The base architecture.
      scaling: One scaling of that stage's menu.
      subnet: `scale(space, base, scaling)`.
    """

    step: int
    stage: int
    base: BaseArchitecture
    scaling: Scaling
    subnet: Subnet


def draw_subnet(space: SearchSpace, seed: int, step: int, stage_weights: StageWeights = "widths") -> Draw:
    """Draws the subnet of one training step.

    Args:
      space: The space to draw from.
      seed: Any integer >= 0.
      step: The step, >= 0.
      stage_weights: Probability of each scaling stage: "widths" (proportional to its number of width
        multipliers), "equal", "cost" (by the inverse of `mean_macs`: each stage gets the same share of the
        multiply-adds), or one weight >= 0 for each stage.

    Returns:
      The draw, equal for equal arguments in every process.

    Raises:
      ScaleNetError: for stage weights that do not fit the space.

    Example:
      >>> draw_subnet(space, seed=0, step=17).subnet.resolution
    """
    if not isinstance(stage_weights, str):
        stage_weights = tuple(stage_weights)
    blocks = [stage.depth[1] for stage in space.stages]
    uniform = _uniform(seed, np.uint64(step), np.arange(_BLOCKS + len(blocks) + sum(blocks))).tolist()
    stage = int(np.searchsorted(_cumulative(space, stage_weights), uniform[_STAGE], side="right"))
    menu = space.menus[stage]
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
    return Draw(step, stage, base, scaling, scale(space, base, scaling))


def trained_subnets(space: SearchSpace, draw: Draw, sandwich: Sandwich | None = None) -> tuple[Subnet, ...]:
    """What the step of a draw trains, one after the other, the largest first.

    Args:
      space: Where the draw is from.
      draw: From `draw_subnet`.
      sandwich: "stage" puts the drawn subnet between the largest and the smallest of its scaling stage,
        "space" between those of the whole space; it is alone where None.
    """
    if sandwich is None:
        return (draw.subnet,)
    stage = draw.stage if sandwich == "stage" else None
    return largest_subnet(space, stage), draw.subnet, smallest_subnet(space, stage)


def draw_resolutions(
    space: SearchSpace,
    seed: int,
    steps: int,
    stage_weights: StageWeights = "widths",
    sandwich: Sandwich | None = None,
) -> np.ndarray:
    """The input sides of what each of the first `steps` steps trains, in pixels.

    Returns:
      int64 [steps], the resolution of each step's `draw_subnet`; with a sandwich [steps, 3], those of
      its `trained_subnets`.
    """
    if not isinstance(stage_weights, str):
        stage_weights = tuple(stage_weights)
    step = np.arange(steps, dtype=np.uint64)
    cumulative = _cumulative(space, stage_weights)
    stage = np.searchsorted(cumulative, _uniform(seed, step, np.array(_STAGE)), side="right")
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
def mean_macs(space: SearchSpace, stage: int) -> float:
    """The expected multiply-adds of a subnet that hierarchical sampling draws in a scaling stage."""
    menu = space.menus[stage]
    means = []
    for width, resolution in itertools.product(menu.width, menu.resolution):
        table = cost_table(
            space, Scaling(depth_thousandths=1000, width_thousandths=width, resolution=resolution)
        )
        macs = float(table.ends[0])
        for part, first, rest in zip(space.stages, table.first, table.rest, strict=True):
            low, high = part.depth
            depths = [scaled_depth(n, d) for d in menu.depth for n in range(low, high + 1)]
            # Every block's op is uniform over the menu, a copied one's too.
            macs += first[:, 0].mean() + (sum(depths) / len(depths) - 1) * rest[:, 0].mean()
        means.append(macs)
    return math.fsum(means) / len(means)


def draw_bases(space: SearchSpace, rng: np.random.Generator, count: int) -> EncodedBases:
    """Draws `count` bases as HSS does: depths uniform in each stage's range, then ops uniform."""
    low, high = np.array([stage.depth for stage in space.stages]).T
    depth = rng.integers(low, high + 1, size=(count, len(low)))
    menus = np.array([len(stage.ops) for stage in space.stages])
    ops = rng.integers(0, menus[:, None], size=(count, len(low), int(high.max())))
    return EncodedBases(depth, ops)


def stage_probabilities(space: SearchSpace, stage_weights: StageWeights) -> np.ndarray:
    """The probability of each scaling stage: float64 [stages], summing to 1.

    Raises:
      ScaleNetError: if there is not one weight >= 0 for each stage, or all are 0.
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
    """Upper edges of the stages' shares of [0, 1), without the last one."""
    return np.cumsum(stage_probabilities(space, stage_weights))[:-1]


def _uniform(seed: int, step: np.ndarray | np.uint64, position: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1), one for each (step, position): 53 bits of a hash of both and the seed."""
    # Each level is hashed before the next is added: neighbouring seeds, steps and positions share nothing.
    stream = _mix(np.array(seed & 0xFFFFFFFFFFFFFFFF, np.uint64))
    bits = _mix(_mix(stream + step) + position.astype(np.uint64))
    return (bits >> np.uint64(11)) * 2.0**-53


def _mix(value: np.ndarray) -> np.ndarray:
    """The SplitMix64 generator's step and finaliser (Steele, Lea and Flood, 2014), modulo 2^64."""
    value = value + np.array([0x9E3779B97F4A7C15], np.uint64)
    value = (value ^ (value >> np.uint64(30))) * np.array([0xBF58476D1CE4E5B9], np.uint64)
    value = (value ^ (value >> np.uint64(27))) * np.array([0x94D049BB133111EB], np.uint64)
    return value ^ (value >> np.uint64(31))
