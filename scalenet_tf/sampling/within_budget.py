"""Drawing subnets for training as the search does: bases and scalings within the budgets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.sampling.counter_random import uniform
from scalenet_tf.sampling.hierarchical import Draw
from scalenet_tf.sampling.pool import Pool, draw_pool
from scalenet_tf.sampling.stage_weights import StageWeights, joint_probabilities
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils.random_streams import RandomStream

# Steps that share a pool of bases: few enough that a long training sees many bases, and a pool costs little.
POOL_STEPS = 4096
_ATTEMPTS = 32

# Positions of a step's random numbers.
_RESOLUTION, _SCALING, _BASE = range(3)


@dataclass(frozen=True)
class _Cell:
    """A resolution of a scaling stage, and the scalings at it that fit some base of the pool.

    Attributes:
      scaling_stage: Scaling stage.
      resolution: Resolution in pixels.
      scalings: Indices into the scalings of the stage in the pool.
    """

    scaling_stage: int
    resolution: int
    scalings: tuple[int, ...]


@dataclass(frozen=True)
class _Chunk:
    """Pool of bases, and the resolutions and scalings that its steps draw from.

    Attributes:
      pool: Bases and scalings within the budgets.
      cells: Resolutions that can be drawn.
      edges: Upper edges of the cells' shares of [0, 1), without the last one.
    """

    pool: Pool
    cells: tuple[_Cell, ...]
    edges: np.ndarray

    def choose(self, number: np.ndarray) -> np.ndarray:
        """Returns the cells, as indices, that uniform numbers choose."""
        return np.searchsorted(self.edges, number, side="right")


def draw_within_budget(space: SearchSpace, seed: int, step: int, stage_weights: StageWeights) -> Draw:
    """Draws the subnet of one training step from those that a search may choose.

    The base meets the budget of S0, and with its scaling that of the scaling stage. First the scaling stage
    and the resolution are drawn, then the scaling, uniformly among those that fit some base of the pool, then
    the base, uniformly among those that it fits. A pool of bases serves `POOL_STEPS` steps.

    Args:
      space: Search space, with its budget.
      seed: Seed of the draws, at least 0.
      step: Training step, at least 0.
      stage_weights: Probabilities of the scaling stages, see `draw_subnet`. "cost" goes by the budgets, and
        resolutions that no subnet within the budgets has are left out.

    Returns:
      The draw, which is equal for equal arguments in every process.

    Raises:
      ScaleNetError: If the stage weights do not fit the space, or the budgets cannot be met.
    """
    chunk = _chunk(space, seed, step // POOL_STEPS, _hashable(stage_weights))
    numbers = uniform(seed, np.uint64(step), np.arange(3))
    cell = chunk.cells[int(chunk.choose(numbers[_RESOLUTION]))]
    index = cell.scalings[int(numbers[_SCALING] * len(cell.scalings))]
    scaling = chunk.pool.scalings[cell.scaling_stage][index]
    fitting = np.flatnonzero(chunk.pool.feasible[cell.scaling_stage][index])
    chosen = fitting[[int(numbers[_BASE] * len(fitting))]]
    [base] = decode(space, chunk.pool.bases[chosen])
    return Draw(step, cell.scaling_stage, base, scaling, scale(space, base, scaling))


def stages_and_resolutions_within_budget(
    space: SearchSpace, seed: int, steps: int, stage_weights: StageWeights
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the scaling stages and resolutions of the first `steps` draws: int64 [steps] each."""
    found = [np.zeros((0, 2), np.int64)]
    for first in range(0, steps, POOL_STEPS):
        chunk = _chunk(space, seed, first // POOL_STEPS, _hashable(stage_weights))
        own = np.arange(first, min(steps, first + POOL_STEPS), dtype=np.uint64)
        table = np.array([(cell.scaling_stage, cell.resolution) for cell in chunk.cells], np.int64)
        found.append(table[chunk.choose(uniform(seed, own, np.array(_RESOLUTION)))])
    stages, resolutions = np.concatenate(found).T
    return stages, resolutions


@lru_cache(maxsize=8)
def _chunk(space: SearchSpace, seed: int, number: int, stage_weights: StageWeights) -> _Chunk:
    pool = _draw_pool(space, seed, number)
    cells = [_cells_of(pool, stage) for stage in range(len(pool.scalings))]
    macs = [space.budget.target(space.budget.macs, stage) for stage in range(len(cells))]
    joint = joint_probabilities(space, stage_weights, [[c.resolution for c in own] for own in cells], macs)
    edges = np.cumsum(np.concatenate(joint))[:-1]
    return _Chunk(pool, tuple(cell for own in cells for cell in own), edges)


def _draw_pool(space: SearchSpace, seed: int, number: int) -> Pool:
    """Draws a pool, and another one where no base of it meets the budgets of all scaling stages at once.

    Where few bases do, a pool without one is a matter of chance, and a long training draws many pools.
    """
    for attempt in range(_ATTEMPTS):
        try:
            # The first one draws as earlier versions did.
            entropy = [seed, RandomStream.TRAINING_POOL, number, *([attempt] if attempt else [])]
            return draw_pool(space, np.random.default_rng(entropy))
        except InvalidInputError as error:
            refusal = error
    raise refusal


def _cells_of(pool: Pool, scaling_stage: int) -> list[_Cell]:
    possible = np.flatnonzero(pool.feasible[scaling_stage].any(axis=1)).tolist()
    by_resolution: dict[int, list[int]] = {}
    for index in possible:
        by_resolution.setdefault(pool.scalings[scaling_stage][index].resolution, []).append(index)
    return [_Cell(scaling_stage, r, tuple(own)) for r, own in sorted(by_resolution.items())]


def _hashable(stage_weights: StageWeights) -> StageWeights:
    return stage_weights if isinstance(stage_weights, str) else tuple(stage_weights)
