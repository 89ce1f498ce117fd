"""Hierarchical sampling (HSS): a scaling stage, its scaling, then ops and depths (paper, section 3.2).

A draw is a pure function of (seed, step), by a counter-based generator: every random number is a hash of
(seed, step, position). All replicas and workers therefore agree without communication, a resumed run draws
the same subnets, and the resolutions of a whole training are known in advance.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.sampling.counter_random import uniform
from scalenet_tf.sampling.smallest_largest import largest_subnet, smallest_subnet
from scalenet_tf.sampling.stage_weights import StageWeights, joint_probabilities, stage_probabilities
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

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
        multiply-adds), "resolutions" (such that all resolutions of the menus are equally frequent), or one
        weight >= 0 per scaling stage.

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
    drawn = uniform(seed, np.uint64(step), np.arange(_BLOCKS + len(blocks) + sum(blocks)))
    stages, resolutions = _stages_and_resolutions(space, stage_weights, drawn[None])
    scaling_stage, numbers = int(stages[0]), drawn.tolist()
    menu = space.menus[scaling_stage]
    scaling = Scaling(
        depth_thousandths=menu.depth[int(numbers[_DEPTH] * len(menu.depth))],
        width_thousandths=menu.width[int(numbers[_WIDTH] * len(menu.width))],
        resolution=int(resolutions[0]),
    )
    rest = iter(numbers[_BLOCKS:])
    blocks_of_stages = []
    for part in space.stages:
        low, high = part.depth
        depth = low + int(next(rest) * (high - low + 1))
        ops = [part.ops[int(u * len(part.ops))] for u in itertools.islice(rest, high)]
        blocks_of_stages.append(tuple(ops[:depth]))
    base = BaseArchitecture(stages=tuple(blocks_of_stages))
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
    numbers = uniform(seed, step[:, None], np.arange(_RESOLUTION + 1))
    stages, drawn = _stages_and_resolutions(space, stage_weights, numbers)
    return sandwich_resolutions(space, stages, drawn, sandwich)


def sandwich_resolutions(
    space: SearchSpace, scaling_stages: np.ndarray, drawn: np.ndarray, sandwich: Sandwich | None
) -> np.ndarray:
    """Returns the resolutions of the subnets that steps train, whose drawn subnets are known.

    Args:
      space: Search space of the draws.
      scaling_stages: int64 [steps], their scaling stages.
      drawn: int64 [steps], the resolutions of the drawn subnets.
      sandwich: Further subnets of each step, see `trained_subnets`.

    Returns:
      `drawn`, or with a sandwich int64 [steps, 3].
    """
    if sandwich is None:
        return drawn
    of_stage = [s if sandwich == "stage" else None for s in range(len(space.menus))]
    largest, smallest = (
        np.array([extreme(space, s).resolution for s in of_stage])
        for extreme in (largest_subnet, smallest_subnet)
    )
    return np.stack([largest[scaling_stages], drawn, smallest[scaling_stages]], axis=1)


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


def _stages_and_resolutions(
    space: SearchSpace, stage_weights: StageWeights, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the scaling stages and the resolutions that random numbers [draws, positions] choose."""
    edges = _cumulative(space, stage_weights)
    stages = np.searchsorted(edges, numbers[:, _SCALING_STAGE], side="right")
    sizes = np.array([len(menu.resolution) for menu in space.menus])
    resolutions = np.array([r for menu in space.menus for r in menu.resolution], np.int64)
    if stage_weights == "resolutions":
        choices = (_resolution_edges(space)[stages] <= numbers[:, _RESOLUTION, None]).sum(1)
    else:
        choices = (numbers[:, _RESOLUTION] * sizes[stages]).astype(np.int64)
    return stages, resolutions[(np.cumsum(sizes) - sizes)[stages] + choices]


@lru_cache(maxsize=64)
def _cumulative(space: SearchSpace, stage_weights: StageWeights) -> np.ndarray:
    """Returns the upper edges of the shares of [0, 1) of the scaling stages, without the last one."""
    return np.cumsum(stage_probabilities(space, stage_weights))[:-1]


@lru_cache(maxsize=64)
def _resolution_edges(space: SearchSpace) -> np.ndarray:
    """Returns the upper edges of the resolutions' shares of a scaling stage by the rule "resolutions".

    They are float64 [scaling stages, resolutions], the last one of each stage and what follows it at 1.
    """
    joint = joint_probabilities(space, "resolutions", [menu.resolution for menu in space.menus])
    edges = np.ones((len(joint), max(map(len, joint))))
    for row, own in zip(edges, joint, strict=True):
        row[: len(own) - 1] = (np.cumsum(own) / own.sum())[:-1]
    return edges
