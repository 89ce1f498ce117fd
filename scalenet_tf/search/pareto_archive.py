"""The Pareto archive: scored subnets that no other one beats in multiply-adds, latency and score together."""

from __future__ import annotations

import bisect

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.search.values import Scored
from scalenet_tf.space.latency_table import LatencyTable


class ParetoArchive:
    """Scored subnets in ascending order of multiply-adds. The order in which they are added does not matter.

    Args:
      latency: Latency table. With one, latencies count as a third objective.
    """

    def __init__(self, latency: LatencyTable | None = None) -> None:
        self._latency = latency
        self._items: list[Scored] = []
        self._costs: list[tuple[float, ...]] = []  # multiply-adds, then the latency

    @property
    def items(self) -> tuple[Scored, ...]:
        """The archive by multiply-adds, then by latency."""
        return tuple(self._items)

    def add(self, new: Scored) -> None:
        """Adds a subnet unless it is dominated, and removes those that it dominates.

        Of subnets that are equal in everything, the one with the lowest number stays.
        """
        costs: tuple[float, ...] = (new.evaluation.macs,)
        if self._latency:
            costs += (predict_ms(self._latency, new.evaluation.subnet),)
        # A subnet that dominates has no more multiply-adds, and one that is dominated no fewer.
        start, stop = (
            bisect.bisect_left(self._costs, costs[0], key=lambda c: c[0]),
            bisect.bisect_right(self._costs, costs[0], key=lambda c: c[0]),
        )
        known = list(zip(self._items, self._costs, strict=True))
        if any(_dominates(item, its, new, costs) for item, its in reversed(known[:stop])):
            return
        kept = known[:start]
        kept += [(item, its) for item, its in known[start:] if not _dominates(new, costs, item, its)]
        bisect.insort(kept, (new, costs), key=lambda pair: pair[1])
        self._items, self._costs = [item for item, _ in kept], [its for _, its in kept]


def _dominates(one: Scored, costs: tuple[float, ...], other: Scored, its: tuple[float, ...]) -> bool:
    """Returns whether `one` is nowhere worse than `other`; if all is equal, whether it came first."""
    if one.score < other.score or any(mine > theirs for mine, theirs in zip(costs, its, strict=True)):
        return False
    equal = one.score == other.score and costs == its
    return not equal or one.evaluation.number < other.evaluation.number
