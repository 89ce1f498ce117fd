"""The table: a score of every feasible subnet by one trained super-supernet, made once."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from pathlib import Path

from scalenet_tf.run import Run
from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.utils import files
from studies.common.study_folder import part_of
from studies.search_methods.states import States
from studies.search_methods.study import Study

_PART = 100  # Scores of a file.


def make_table(
    study: Study, states: States, folder: Path, say: Callable[[str], None], share: str = "1/1"
) -> None:
    """Trains the super-supernet and scores what is not scored yet; goes on where it was stopped.

    Args:
      share: "K/N" for the K-th of N processes, each of which scores its part of the table.
    """
    subnets = sorted(states.subnets.items())
    parts = [subnets[n : n + _PART] for n in range(0, len(subnets), _PART)]
    mine = part_of(range(len(parts)), share)
    left = [number for number in mine if not _part(folder, number).is_file()]
    say(
        f"{len(states.bases)} bases, {states.count} states, {len(subnets)} subnets; {len(left)} of "
        f"{len(mine)} parts of the table are to be scored here"
    )
    if not left:
        return
    from scalenet_tf.data import open_data
    from scalenet_tf.search.scorer import SubnetScorer
    from scalenet_tf.training import load_supernet

    run = trained(study, folder, say)
    scorer = SubnetScorer(load_supernet(run), open_data(run), run.config.search, run.config.seed)
    begun = time.monotonic()
    for done, number in enumerate(left, start=1):
        started = time.monotonic()
        scores = {key: scorer.score(subnet) for key, subnet in parts[number]}
        there = environment(time.monotonic() - started)
        result = {"scores": scores, "packages": package_versions(), "environment": there}
        files.write_json(_part(folder, number), result)
        seconds = (time.monotonic() - begun) / done * (len(left) - done)
        say(f"[{number + 1}/{len(parts)}] about {seconds / 60:.0f} min left")


def trained(study: Study, folder: Path, say: Callable[[str], None]) -> Run:
    """The run with its super-supernet: whoever holds the lock trains, the others wait.

    The lock goes with its process, however that ends, and the next one resumes the training.
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


def read_table(states: States, folder: Path) -> dict[str, float] | None:
    """The score of every subnet by its key; None where some are not there yet."""
    scores: dict[str, float] = {}
    for path in sorted((folder / "table").glob("*.json")):
        scores |= files.read_json(path)["scores"]
    return scores if set(states.subnets) <= set(scores) else None


def _part(folder: Path, number: int) -> Path:
    return folder / "table" / f"{number:03d}.json"
