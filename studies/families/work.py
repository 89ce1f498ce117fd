"""What is left to do, item by item: what there is to train next follows from what was found before."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.utils import files
from studies.common.study_folder import parse_share
from studies.families.families import Family, compound, found, random_family, result_file
from studies.families.members import member_file, train_member
from studies.families.plan import SIDES, Search, searches, tuning_searches
from studies.families.study import Study
from studies.families.tuning import tuned_of

_POLL = 5.0  # Seconds between looks at what other processes have done.


@dataclass(frozen=True)
class Item:
    """A unit of work.

    Attributes:
      file: What it writes.
      make: Does it, and returns what the file holds.
    """

    file: Path
    make: Callable[[], dict[str, Any]]

    @property
    def name(self) -> str:
        return f"{self.file.parent.name}/{self.file.stem}"


def known_items(study: Study, folder: Path) -> list[Item]:
    """All items that can be named so far, done or not, in the order in which they are done."""
    items: dict[Path, Item] = {}
    for item in _items(study, folder):
        items.setdefault(item.file, item)
    return list(items.values())


def expected_items(study: Study) -> int:
    """How many items there are at most: networks that families share are trained once."""
    networks = study.stages
    tuning = len(study.grid) * study.tuning_seeds if len(study.grid) > 1 else 0
    families = tuning + study.seeds * len(study.budgets)
    # A search and its networks; networks alone and the searches of each.
    jointly, apart = families * (1 + networks), families * 2 * networks
    return jointly + apart + study.seeds * (1 + study.random) * networks


def _items(study: Study, folder: Path) -> Iterator[Item]:
    tuned = {}
    for side in SIDES:
        for wanted in tuning_searches(study, side):
            seed = wanted[0].seed
            yield from _searches(study, folder, wanted)
            family = found(study, folder, side, study.tuned_at, wanted[0].tuned, seed)
            yield from _members(study, folder, family, seed)
        tuned[side] = tuned_of(study, folder, side)
    # Seed by seed, so that a stopped study has whole seeds.
    for seed in range(study.seeds):
        for side in SIDES:
            if (best := tuned[side]) is not None:
                for budget in study.budgets:
                    yield from _searches(study, folder, searches(study, side, budget, best, seed))
                    yield from _members(study, folder, found(study, folder, side, budget, best, seed), seed)
        if (best := tuned["independent"]) is not None:
            yield from _members(study, folder, compound(study, folder, best, seed), seed)
        for number in range(study.random):
            yield from _members(study, folder, random_family(study.space, seed, number), seed)


def _searches(study: Study, folder: Path, wanted: tuple[Search, ...]) -> Iterator[Item]:
    def make(search: Search) -> dict[str, Any]:
        from studies.families.searching import run_search

        return run_search(study, search, folder)

    for search in wanted:
        yield Item(result_file(folder, search), partial(make, search))


def _members(study: Study, folder: Path, family: Family | None, seed: int) -> Iterator[Item]:
    for subnet in family or ():
        yield Item(member_file(folder, subnet, seed), partial(train_member, study, subnet, seed))


def run_items(study: Study, folder: Path, share: str, say: Callable[[str], None]) -> None:
    """Does the part of a process; waits for the others where what is next depends on theirs."""
    part, parts = parse_share(share)
    expected, waiting = expected_items(study), False
    begun, did = time.monotonic(), 0
    while True:
        items = known_items(study, folder)
        left = [item for item in items if not item.file.is_file()]
        if not left:
            say(f"{len(items)} items: all done")
            return
        mine = [item for item in left if _is_mine(item, part, parts)]
        if not mine:
            if not waiting:
                say(f"waiting for the other processes: {len(left)} items are theirs")
            waiting = True
            time.sleep(_POLL)
            continue
        waiting = False
        item, started, cpu_started = mine[0], time.monotonic(), time.process_time()
        result = item.make()
        there = environment(time.monotonic() - started, cpu_seconds=time.process_time() - cpu_started)
        files.write_json(item.file, {**result, "packages": package_versions(), "environment": there})
        did += 1
        done = len(items) - len(left) + 1
        minutes = (time.monotonic() - begun) / did * (expected - done) / parts / 60
        place = f"[{done}/about {expected}]"
        say(f"{place} {item.name}: {time.monotonic() - started:.0f} s; about {minutes:.0f} min left")


def _is_mine(item: Item, part: int, parts: int) -> bool:
    # By name: what is known grows, and differs between processes that look at different times.
    return zlib.crc32(item.name.encode()) % parts == part - 1
