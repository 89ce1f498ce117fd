"""The results of attempts: a row for each in a file, from which an interrupted call goes on, and a table."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.attempt import CRASH, RIGHT, Attempt, Outcome, attempted
from tests.faults.classes import CLASSES
from tests.faults.workshop import Workshop, say

RESULTS, TRYING = "results.jsonl", "trying"


def tried(shop: Workshop, names: list[str]) -> Iterator[tuple[str, str, Outcome]]:
    """Makes the attempts of some classes that have no row yet, and yields all: class, key, outcome."""
    file = shop.folder / RESULTS
    known = _read(file, shop.seed)
    for name in names:
        for attempt in CLASSES[name](shop):
            found = known.get((name, attempt.key))
            if found is None:
                begun = time.monotonic()
                found = _attempted(shop.folder / TRYING, name, attempt)
                row = {"seed": shop.seed, "class": name, "key": attempt.key, **vars(found)}
                with open(file, "a", encoding="utf-8") as log:
                    log.write(json.dumps({**row, "seconds": round(time.monotonic() - begun, 2)}) + "\n")
                if not found.right and not shop.small:
                    say(f"{name}: {attempt.key}: {found.kind}: {found.text[-200:]}")
            yield name, attempt.key, found


def _attempted(trying: Path, name: str, attempt: Attempt) -> Outcome:
    """Makes an attempt, unless a process began it and has ended without a word, such as by a segfault."""
    key = f"{name}: {attempt.key}"
    if trying.is_file() and trying.read_text("utf-8", "replace") == key:
        trying.unlink()
        return Outcome(CRASH, "see the system's log")
    trying.write_text(key, "utf-8", "replace")
    try:
        return attempted(attempt)
    finally:
        trying.unlink()


def table(outcomes: list[tuple[str, str, Outcome]]) -> str:
    """Returns a table with a row for each class: attempts, right answers, and the others by kind."""
    lines = [f"{'class':<20}{'tried':>8}{'right':>8}{'wrong':>8}  which"]
    for name in dict.fromkeys(name for name, _, _ in outcomes):
        kinds = Counter(found.kind for own, _, found in outcomes if own == name)
        right = sum(kinds[kind] for kind in RIGHT)
        which = ", ".join(f"{kind}: {kinds[kind]}" for kind in sorted(kinds))
        lines.append(f"{name:<20}{kinds.total():>8}{right:>8}{kinds.total() - right:>8}  {which}")
    return "\n".join(lines)


def _read(file: Path, seed: int) -> dict[tuple[str, str], Outcome]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []
    return {
        (row["class"], row["key"]): Outcome(row["kind"], row["text"]) for row in rows if row["seed"] == seed
    }
