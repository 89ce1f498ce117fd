"""The Pareto archive: what no other evaluated subnet beats in multiply-adds, latency and score together."""

from __future__ import annotations

import bisect

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.search.values import Scored
from scalenet_tf.space.latency_table import LatencyTable


class ParetoArchive:
    """Subnets by rising multiply-adds; the order of additions does not matter.

    Args:
      latency: The table by which latencies count too; multiply-adds and score alone where None.
    """

    def __init__(self, latency: LatencyTable | None = None) -> None:
        self._latency = latency
        self._items: list[Scored] = []
        self._costs: list[tuple[float, ...]] = []  # multiply-adds, then the latency

    @property
    def items(self) -> tuple[Scored, ...]:
        """The archive, fewest multiply-adds first, then the fastest."""
        return tuple(self._items)

    def add(self, new: Scored) -> None:
        """Takes `new` in unless it is dominated, and drops what it dominates.

        Of subnets equal in all, the one with the lowest number stays.
        """
        costs: tuple[float, ...] = (new.evaluation.macs,)
        if self._latency:
            costs += (predict_ms(self._latency, new.evaluation.subnet),)
        # What is as good has no more multiply-adds, and what is no better no fewer.
        start, stop = (
            bisect.bisect_left(self._costs, costs[0], key=lambda c: c[0]),
            bisect.bisect_right(self._costs, costs[0], key=lambda c: c[0]),
        )
        known = list(zip(self._items, self._costs, strict=True))
        if any(_beats(item, its, new, costs) for item, its in reversed(known[:stop])):
            return
        kept = known[:start]
        kept += [(item, its) for item, its in known[start:] if not _beats(new, costs, item, its)]
        bisect.insort(kept, (new, costs), key=lambda pair: pair[1])
        self._items, self._costs = [item for item, _ in kept], [its for _, its in kept]


def _beats(one: Scored, costs: tuple[float, ...], other: Scored, its: tuple[float, ...]) -> bool:
    """Whether `one` is nowhere worse; where both are equal in all, whether it came first."""
    if one.score < other.score or any(mine > theirs for mine, theirs in zip(costs, its, strict=True)):
        return False
    equal = one.score == other.score and costs == its
    return not equal or one.evaluation.number < other.evaluation.number
