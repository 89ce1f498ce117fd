"""`BudgetTable`: draws bases that are within a budget by construction.

The multiply-adds of a base are a sum over its blocks. The probability that a partly drawn base ends within
the budget is therefore a function of the sum so far, and is tabulated from the last block to the first.
Drawing each depth and op in proportion to that probability gives exactly the distribution of `draw_bases`
conditioned on the budget. Only the rounding of the table makes a few rejections necessary.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.macs import cost_table
from scalenet_tf.space import Budget, Scaling, SearchSpace

_WINDOW_BINS = 1024  # Bins within the budget. With these, about 1 draw in 50 is rejected.
_MAX_BINS = 2**16


@dataclass(frozen=True)
class BudgetTable:
    """The probability to end within the budget, by the sum of multiply-adds so far, in bins.

    Attributes:
      space: Search space.
      start: Bin of the sum before the first block: stem, head and classifier.
      first: Per stage of the network, the cost of each op in the first block: int64 [ops], in bins.
      rest: Per stage of the network, the cost of each op in a later block: int64 [ops], in bins.
      chance: Per stage of the network, float64 [most blocks, bins]: chance[k] is the probability with k
        blocks of the stage still to draw.
      possible: Whether any base can meet the budget.
    """

    space: SearchSpace
    start: int
    first: tuple[np.ndarray, ...]
    rest: tuple[np.ndarray, ...]
    chance: tuple[np.ndarray, ...]
    possible: bool

    def draw(self, rng: np.random.Generator, count: int) -> EncodedBases:
        """Draws `count` bases whose sum, rounded as in the table, is within the budget."""
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
    """Draws one column per row of `weights`, with probabilities in proportion to them: int64 [rows]."""
    cumulative = np.cumsum(weights, axis=1)
    point = (1.0 - rng.random(len(weights))) * cumulative[:, -1]  # In (0, sum]: never a weight of 0.
    return (cumulative < point[:, None]).sum(axis=1).clip(max=weights.shape[1] - 1)


def _clip(total: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Clips sums beyond the table to its last bin, whose chance is 0."""
    return np.minimum(total, chance.shape[1] - 1)


@lru_cache(maxsize=64)
def budget_table(space: SearchSpace, scaling: Scaling, budget: Budget) -> BudgetTable:
    """Returns the table of a space at one scaling, whose depth multiplier must be 1."""
    low, high = budget.macs * (1 - budget.base_tolerance), budget.macs * (1 + budget.base_tolerance)
    unit = max(1.0, (high - low) / _WINDOW_BINS, high / _MAX_BINS)
    table = cost_table(space, scaling)

    def in_units(rows: np.ndarray) -> np.ndarray:
        return np.rint(rows[..., 0] / unit).astype(np.int64)

    first = tuple(in_units(rows) for rows in table.first)
    rest = tuple(in_units(rows) for rows in table.rest)
    # Each rounded cost may be off by half a bin, so the window is widened by as much.
    slack = (1 + sum(stage.depth[1] for stage in space.stages)) / 2 + 1
    bins = int(high / unit + slack) + 2
    ending = np.zeros(bins)
    ending[max(0, int(low / unit - slack)) : bins - 1] = 1.0

    def before(after: np.ndarray, menu: np.ndarray) -> np.ndarray:
        """Returns the chance before a block: the mean over its ops of the chance after it."""
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
