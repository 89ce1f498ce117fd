"""The table: a score of every feasible subnet by one trained super-supernet, made once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from joint.states import States
from joint.study import Study
from scalenet_tf import files
from scalenet_tf.provenance import environment, package_versions
from scalenet_tf.run import Run

_PART = 100  # Scores of a file.


def make_table(study: Study, states: States, folder: Path, say: Callable[[str], None]) -> None:
    """Trains the super-supernet and scores what is not scored yet; goes on where it was stopped."""
    subnets = sorted(states.subnets.items())
    parts = [subnets[n : n + _PART] for n in range(0, len(subnets), _PART)]
    left = [number for number in range(len(parts)) if not _part(folder, number).is_file()]
    say(
        f"{len(states.bases)} bases, {states.count} states, {len(subnets)} subnets; {len(left)} of "
        f"{len(parts)} parts of the table are to be scored"
    )
    if not left:
        return
    from scalenet_tf.data import open_data
    from scalenet_tf.scoring import SubnetScorer
    from scalenet_tf.training import load_supernet, train_supernet

    run = Run.open_or_create(folder / "run", study.run_config())
    train_supernet(run)
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


def read_table(states: States, folder: Path) -> dict[str, float] | None:
    """The score of every subnet by its key; None where some are not there yet."""
    scores: dict[str, float] = {}
    for path in sorted((folder / "table").glob("*.json")):
        scores |= files.read_json(path)["scores"]
    return scores if set(states.subnets) <= set(scores) else None


def _part(folder: Path, number: int) -> Path:
    return folder / "table" / f"{number:03d}.json"
