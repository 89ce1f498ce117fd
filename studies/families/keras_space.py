"""The networks of one scaling stage as hyperparameters of Keras Tuner."""

from __future__ import annotations

import keras_tuner
import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling.pool import Pool, draw_pool
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.scaling import scale


class KerasSpace:
    """Depth and ops of each stage, and the scaling; the network is the nearest one within the budgets.

    Keras Tuner knows no bound on multiply-adds. Few choices meet one, and a user who let all others fail
    would wait for long, so each choice stands for a network that meets them.

    Args:
      space: The space, in which the stage is the last one.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._stage = len(space.menus) - 1
        self._pool: Pool = draw_pool(space, np.random.default_rng(0))

    def register(self, hp: keras_tuner.HyperParameters) -> None:
        """Makes all hyperparameters known: one that a tuner meets in a trial has its default there."""
        for number, stage in enumerate(self._space.stages):
            for block in range(stage.depth[1]):
                hp.Int(_op(number, block), 0, len(stage.ops) - 1)
        self.network(hp, 0)

    def network(self, hp: keras_tuner.HyperParameters, number: int) -> Evaluation:
        """The network that stands for a choice.

        Args:
          hp: The choice; hyperparameters that it lacks are added.
          number: Number of the trial.
        """
        wanted = [
            self._wanted(hp, index, stage.depth, len(stage.ops))
            for index, stage in enumerate(self._space.stages)
        ]
        row = self._nearest_base(np.array([depth for depth, _ in wanted]), [ops for _, ops in wanted])
        base = decode(self._space, self._pool.bases[np.array([row])])[0]
        menu = self._space.menus[self._stage]
        values = (menu.depth, menu.width, menu.resolution)
        names = ("scaling_depth", "scaling_width", "scaling_resolution")
        places = [hp.Int(name, 0, len(found) - 1) for name, found in zip(names, values, strict=True)]
        fitting = np.flatnonzero(self._pool.feasible[self._stage][:, row])
        scalings = [self._pool.scalings[self._stage][index] for index in fitting]
        distances = [
            abs(values[0].index(one.depth_thousandths) - places[0])
            + abs(values[1].index(one.width_thousandths) - places[1])
            + abs(values[2].index(one.resolution) - places[2])
            for one in scalings
        ]
        scaling = scalings[int(np.argmin(distances))]
        macs = cost(scale(self._space, base, scaling)).macs
        return Evaluation(number, self._stage, base, scaling, self._space, macs)

    def _wanted(
        self, hp: keras_tuner.HyperParameters, stage: int, depths: tuple[int, int], ops: int
    ) -> tuple[int, list[int]]:
        """Depth and ops of a stage; a block beyond the depth has no hyperparameter."""
        depth = hp.Int(f"depth{stage}", *depths)
        return depth, [hp.Int(_op(stage, block), 0, ops - 1) for block in range(depth)]

    def _nearest_base(self, depth: np.ndarray, ops: list[list[int]]) -> int:
        """The first of the bases with the fewest differences in depths and ops that has a scaling."""
        bases = self._pool.bases
        distance = np.abs(bases.depth - depth).sum(1)
        for stage, wanted in enumerate(ops):
            for block, op in enumerate(wanted):
                there = bases.depth[:, stage] > block
                distance = distance + (there & (bases.ops[:, stage, block] != op))
        possible = self._pool.feasible[self._stage].any(0)
        return int(np.where(possible, distance, distance.max() + 1).argmin())


def _op(stage: int, block: int) -> str:
    return f"op{stage}_{block}"
