"""The items of the study, searches and trained members: later ones follow from earlier results."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from scalenet_tf.space import Subnet
from studies.common.items import FolderItems, Items
from studies.common.items import Item as Result
from studies.common.sharing import parse_share
from studies.families.families import Family, compound, found, random_family
from studies.families.members import member_item, train_member
from studies.families.plan import SIDES, Search, searches, tuning_searches
from studies.families.study import Study
from studies.families.tuning import tuned_of

_POLL_SECONDS = 5.0  # Between checks for what other processes have finished.


@dataclass(frozen=True)
class Item:
    """A unit of work.

    Attributes:
      name: Name of the item.
      make: Does the work in the study's folder and returns the result.
    """

    name: str
    make: Callable[[FolderItems], Result]


def known_items(study: Study, items: Items) -> list[Item]:
    """All items that are determined so far, finished or not, in the order in which they are made."""
    known: dict[str, Item] = {}
    for item in _items(study, items):
        known.setdefault(item.name, item)
    return list(known.values())


def expected_items(study: Study) -> int:
    """The largest possible number of items; it is smaller if families share networks."""
    networks = study.stages
    tuning = len(study.grid) * study.tuning_seeds if len(study.grid) > 1 else 0
    families = tuning + study.seeds * len(study.budgets)
    # A joint family: one search, and the members. An independent one: a search for each member.
    joint, independent = families * (1 + networks), families * 2 * networks
    return joint + independent + study.seeds * (1 + study.random) * networks


def _items(study: Study, items: Items) -> Iterator[Item]:
    tuned = {}
    for side in SIDES:
        for wanted in tuning_searches(study, side):
            seed = wanted[0].seed
            yield from _searches(study, wanted)
            family = found(study, items, side, study.tuned_at, wanted[0].tuned, seed)
            yield from _members(study, family, seed)
        tuned[side] = tuned_of(study, items, side)
    # Seed by seed, so that a stopped study has complete seeds.
    for seed in range(study.seeds):
        for side in SIDES:
            if (best := tuned[side]) is not None:
                for budget in study.budgets:
                    yield from _searches(study, searches(study, side, budget, best, seed))
                    yield from _members(study, found(study, items, side, budget, best, seed), seed)
        if (best := tuned["independent"]) is not None:
            yield from _members(study, compound(study, items, best, seed), seed)
        for number in range(study.random):
            yield from _members(study, random_family(study.space, seed, number), seed)


def _searches(study: Study, wanted: tuple[Search, ...]) -> Iterator[Item]:
    def make(search: Search, items: FolderItems) -> Result:
        from studies.families.run_search import run_search

        return run_search(study, search, items.folder)

    for search in wanted:
        yield Item(search.item, partial(make, search))


def _members(study: Study, family: Family | None, seed: int) -> Iterator[Item]:
    def make(subnet: Subnet, _: FolderItems) -> Result:
        return train_member(study, subnet, seed)

    for subnet in family or ():
        yield Item(member_item(subnet, seed), partial(make, subnet))


def run_items(study: Study, items: FolderItems, share: str, say: Callable[[str], None]) -> None:
    """Makes the items of one process; waits for other processes if the next items depend on theirs.

    Args:
      study: The study.
      items: Its folder.
      share: "K/N" for the K-th of N processes.
      say: Prints a line of progress.
    """
    part, parts = parse_share(share)
    expected, waiting = expected_items(study), False
    begun, made = time.monotonic(), 0
    while True:
        known = known_items(study, items)
        left = [item for item in known if item.name not in items]
        if not left:
            say(f"{len(known)} items: all done")
            return
        mine = [item for item in left if _is_mine(item, part, parts)]
        if not mine:
            if not waiting:
                say(f"waiting for the other processes: {len(left)} items are theirs")
            waiting = True
            time.sleep(_POLL_SECONDS)
            continue
        waiting = False
        item = mine[0]
        seconds = items.record(item.name, partial(item.make, items))["environment"]["seconds"]
        made += 1
        finished = len(known) - len(left) + 1
        minutes = (time.monotonic() - begun) / made * (expected - finished) / parts / 60
        place = f"[{finished}/about {expected}]"
        say(f"{place} {item.name}: {seconds:.0f} s; about {minutes:.0f} min left")


def _is_mine(item: Item, part: int, parts: int) -> bool:
    # By name, not by position: the list grows, and processes see it at different times.
    return zlib.crc32(item.name.encode()) % parts == part - 1
