"""The table of scores: every feasible subnet, scored once with one trained super-supernet."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scalenet_tf.run import Run
from scalenet_tf.space import Subnet
from studies.common.items import FolderItems, Item, Items
from studies.common.sharing import part_of
from studies.search_methods.states import States
from studies.search_methods.study import Study

_PART = 100  # Scores per item.


def make_table(
    study: Study, states: States, items: FolderItems, say: Callable[[str], None], share: str = "1/1"
) -> None:
    """Trains the super-supernet and scores the subnets that have no score yet.

    Args:
      study: The study.
      states: The states of the space.
      items: The study's folder.
      say: Prints a line of progress.
      share: "K/N" for the K-th of N processes, each of which scores its part of the table.
    """
    subnets = sorted(states.subnets.items())
    parts = [subnets[n : n + _PART] for n in range(0, len(subnets), _PART)]
    mine = part_of(range(len(parts)), share)
    left = [number for number in mine if _item(number) not in items]
    say(
        f"{len(states.bases)} bases, {states.count} states, {len(subnets)} subnets; {len(left)} of "
        f"{len(mine)} parts of the table are to be scored here"
    )
    if not left:
        return
    from scalenet_tf.data import open_data
    from scalenet_tf.search.scorer import SubnetScorer
    from scalenet_tf.training import load_supernet

    run = trained_run(study, items.folder, say)
    scorer = SubnetScorer(load_supernet(run), open_data(run), run.config.search, run.config.seed)

    def score(part: list[tuple[str, Subnet]]) -> Item:
        return {"scores": {key: scorer.score(subnet) for key, subnet in part}}

    begun = time.monotonic()
    for done, number in enumerate(left, start=1):
        items.record(_item(number), partial(score, parts[number]))
        seconds = (time.monotonic() - begun) / done * (len(left) - done)
        say(f"[{number + 1}/{len(parts)}] about {seconds / 60:.0f} min left")


def trained_run(study: Study, folder: Path, say: Callable[[str], None]) -> Run:
    """The run of the trained super-supernet: the process that holds the lock trains, the others wait.

    The lock is released when its process ends, in whatever way, and the next process resumes the training.
    """
    from scalenet_tf.training import train_supernet

    with open(folder / "training.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process trains the super-supernet: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        run = Run.open_or_create(folder / "run", study.run_config())
        train_supernet(run)
    return run


def read_table(states: States, items: Items) -> dict[str, float] | None:
    """The score of every subnet by its key, or None unless all are scored."""
    scores: dict[str, float] = {}
    for name in items.names("table"):
        scores |= items[name]["scores"]
    return scores if set(states.subnets) <= set(scores) else None


def _item(number: int) -> str:
    return f"table/{number:03d}"
