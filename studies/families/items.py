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
from studies.families.plan import (
    KERAS_TUNERS,
    TUNED_WAYS,
    WAYS,
    Search,
    budgets_of,
    grid_of,
    searches,
    tuning_searches,
)
from studies.families.published import PUBLISHED, Published
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
    networks, total = study.stages, 0
    for way in WAYS:
        points = len(grid_of(study, way)) if way in TUNED_WAYS else 1
        families = study.seeds * len(budgets_of(study, way))
        families += study.tuning_seeds * points if points > 1 else 0
        tuned = grid_of(study, way)[0]
        total += families * (networks + len(searches(study, way, study.tuned_at, tuned, 0)))
    others = (1 + study.random) * networks + len(_published(study))
    return total + study.seeds * others


def _items(study: Study, items: Items) -> Iterator[Item]:
    for way in TUNED_WAYS:
        for wanted in tuning_searches(study, way):
            seed = wanted[0].seed
            yield from _searches(study, items, wanted)
            family = found(study, items, way, study.tuned_at, wanted[0].tuned, seed)
            yield from _members(study, family, seed)
    tuned = {way: tuned_of(study, items, way) for way in WAYS}
    # Seed by seed, so that a stopped study has complete seeds.
    for seed in range(study.seeds):
        for way, best in tuned.items():
            if best is not None:
                for budget in budgets_of(study, way):
                    yield from _searches(study, items, searches(study, way, budget, best, seed))
                    yield from _members(study, found(study, items, way, budget, best, seed), seed)
        if (best := tuned["independent"]) is not None:
            yield from _members(study, compound(study, items, best, seed), seed)
        for number in range(study.random):
            yield from _members(study, random_family(study.space, seed, number), seed)
        for one in _published(study):
            yield Item(one.item(seed), partial(_train_published, study, one, seed))


def _searches(study: Study, items: Items, wanted: tuple[Search, ...]) -> Iterator[Item]:
    def make(search: Search, items: FolderItems) -> Result:
        if search.way in KERAS_TUNERS:
            from studies.families.keras_search import run_keras_search

            return run_keras_search(study, search, items.folder)
        from studies.families.run_search import run_search

        return run_search(study, search, items.folder)

    for search in wanted:
        # The super-supernet of another search must be there first: two processes may not train it at a time.
        if search.trained_by == search or search.trained_by.item in items:
            yield Item(search.item, partial(make, search))


def _published(study: Study) -> tuple[Published, ...]:
    return tuple(one for one in PUBLISHED if one.stage < study.stages)


def _train_published(study: Study, one: Published, seed: int, _: FolderItems) -> Result:
    from studies.families.training_published import train_published

    return train_published(study, one, seed)


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
