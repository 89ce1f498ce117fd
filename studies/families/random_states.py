"""`RandomStates`: asks for the members of random families, without learning from their scores."""

from __future__ import annotations

from collections import deque

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.scaling import scale


class RandomStates:
    """Draws a base and a scaling that fits it for each scaling stage, again and again.

    It has `ask` and `tell` of the product's search. A member that has been asked for is not asked for again.

    Args:
      space: The space.
      seed: Seed of the draws.
    """

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._rng = np.random.default_rng(seed)
        self._pool = draw_pool(space, self._rng)
        fitting = np.all([feasible.any(0) for feasible in self._pool.feasible], axis=0)
        self._rows = np.flatnonzero(fitting)
        self._asked: set[tuple[BaseArchitecture, Scaling]] = set()
        self._queue: deque[Evaluation] = deque()

    def ask(self) -> Evaluation:
        """The next member to score. The space must have more members than the budget pays for."""
        while not self._queue:
            self._draw()
        return self._queue.popleft()

    def tell(self, number: int, score: float) -> None:
        """Takes a score, which changes nothing."""

    def _draw(self) -> None:
        row = self._rng.choice(self._rows)
        base = decode(self._space, self._pool.bases[np.array([row])])[0]
        for stage, (menu, feasible) in enumerate(zip(self._pool.scalings, self._pool.feasible, strict=True)):
            scaling = menu[self._rng.choice(np.flatnonzero(feasible[:, row]))]
            if (base, scaling) in self._asked:
                continue
            macs = cost(scale(self._space, base, scaling)).macs
            self._queue.append(Evaluation(len(self._asked), stage, base, scaling, self._space, macs))
            self._asked.add((base, scaling))
