"""The Pareto archive: what no other evaluated subnet beats in both multiply-adds and score."""

from __future__ import annotations

import bisect

from scalenet_tf.search.values import Scored


class ParetoArchive:
    """Subnets by rising multiply-adds and so by rising score; the order of additions does not matter."""

    def __init__(self) -> None:
        self._items: list[Scored] = []
        self._macs: list[int] = []

    @property
    def items(self) -> tuple[Scored, ...]:
        """The archive, fewest multiply-adds first."""
        return tuple(self._items)

    def add(self, new: Scored) -> None:
        """Takes `new` in unless it is dominated, and drops what it dominates.

        Of subnets equal in both, the one with the lowest number stays.
        """
        macs = new.evaluation.macs
        start = bisect.bisect_left(self._macs, macs)
        smaller = self._items[start - 1] if start else None
        if smaller and smaller.score >= new.score:
            return
        if start < len(self._items) and self._macs[start] == macs and not _preferred(new, self._items[start]):
            return
        stop = start
        while stop < len(self._items) and (self._items[stop].score <= new.score or self._macs[stop] == macs):
            stop += 1
        self._items[start:stop] = [new]
        self._macs[start:stop] = [macs]


def _preferred(new: Scored, old: Scored) -> bool:
    """Between equal multiply-adds."""
    return (new.score, -new.evaluation.number) > (old.score, -old.evaluation.number)
