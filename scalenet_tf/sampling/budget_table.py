"""Drawing bases within a budget by construction.

A base's multiply-adds are a sum over its blocks. So the chance that a half-drawn base ends within the
budget can be tabled over the sum so far, from the last block to the first; drawing each depth and op in
proportion to that chance gives exactly the distribution of `draw_bases` under the condition that the
budget is met, without rejecting more than what the table's resolution costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.macs import cost_table
from scalenet_tf.space import Budget, Scaling, SearchSpace

_WINDOW_BINS = 1024  # Table resolution within the budget's window: about 1 draw in 50 is rejected.
_MOST_BINS = 2**16


@dataclass(frozen=True)
class BudgetTable:
    """The chance to end within the budget, over the sum so far in units of `unit` MACs.

    Attributes:
      start: The sum before the first block: stem, head and classifier.
      first, rest: Per stage the cost of each op as a first and as a later block, int64 [ops].
      chance: Per stage float64 [most blocks, bins]: chance[k] with k later blocks still to draw.
      possible: Whether any base can meet the budget.
    """

    space: SearchSpace
    start: int
    first: tuple[np.ndarray, ...]
    rest: tuple[np.ndarray, ...]
    chance: tuple[np.ndarray, ...]
    possible: bool

    def draw(self, rng: np.random.Generator, count: int) -> EncodedBases:
        """Bases whose sum, as rounded by the table, meets the budget."""
        stages = self.space.stages
        depth = np.zeros((count, len(stages)), np.int64)
        ops = np.zeros((count, len(stages), max(stage.depth[1] for stage in stages)), np.int64)
        total = np.full(count, self.start)
        for s, (stage, first, rest, chance) in enumerate(
            zip(stages, self.first, self.rest, self.chance, strict=True)
        ):
            low, high = stage.depth
            after = _clip(total[:, None] + first, chance)
            by_depth = np.stack([chance[n - 1][after].sum(axis=1) for n in range(low, high + 1)], axis=1)
            depth[:, s] = low + _choose(rng, by_depth)
            left = depth[:, s] - 1
            ops[:, s, 0] = _choose(rng, chance[left[:, None], after])
            total = total + first[ops[:, s, 0]]
            for b in range(1, high):
                going = np.flatnonzero(left >= b)
                after = _clip(total[going, None] + rest, chance)
                ops[going, s, b] = _choose(rng, chance[left[going, None] - b, after])
                total[going] += rest[ops[going, s, b]]
        return EncodedBases(depth, ops)


def _choose(rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    """One column of each row of `weights`, in proportion to them."""
    cumulative = np.cumsum(weights, axis=1)
    point = (1.0 - rng.random(len(weights))) * cumulative[:, -1]  # In (0, sum]: a weight of 0 is never met.
    return (cumulative < point[:, None]).sum(axis=1).clip(max=weights.shape[1] - 1)


def _clip(total: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Sums past the table fall on its last bin, whose chance is 0."""
    return np.minimum(total, chance.shape[1] - 1)


@lru_cache(maxsize=64)
def budget_table(space: SearchSpace, scaling: Scaling, budget: Budget) -> BudgetTable:
    """Tables the chances of bases at `scaling`, whose depth multiplier must be 1."""
    low, high = budget.macs * (1 - budget.base_tolerance), budget.macs * (1 + budget.base_tolerance)
    unit = max(1.0, (high - low) / _WINDOW_BINS, high / _MOST_BINS)
    table = cost_table(space, scaling)

    def in_units(rows: np.ndarray) -> np.ndarray:
        return np.rint(rows[..., 0] / unit).astype(np.int64)

    first = tuple(in_units(rows) for rows in table.first)
    rest = tuple(in_units(rows) for rows in table.rest)
    # Every rounded cost may be off by half a unit: the window is wider by that, and never too narrow.
    slack = (1 + sum(stage.depth[1] for stage in space.stages)) / 2 + 1
    bins = int(high / unit + slack) + 2
    ending = np.zeros(bins)
    ending[max(0, int(low / unit - slack)) : bins - 1] = 1.0

    def before(after: np.ndarray, menu: np.ndarray) -> np.ndarray:
        """Chance before a block: the mean over its ops of the chance after it."""
        index = np.arange(bins)[:, None] + menu
        return after[np.minimum(index, bins - 1)].mean(axis=1)

    chance: list[np.ndarray] = []
    for stage, first_ops, rest_ops in zip(reversed(space.stages), first[::-1], rest[::-1], strict=True):
        rows = [ending]
        for _ in range(1, stage.depth[1]):
            rows.append(before(rows[-1], rest_ops))
        chance.insert(0, np.stack(rows))
        fewest, most = stage.depth
        ending = np.mean([before(rows[n - 1], first_ops) for n in range(fewest, most + 1)], axis=0)
    start = int(in_units(table.ends))
    return BudgetTable(space, start, first, rest, tuple(chance), bool(start < bins and ending[start] > 0))
