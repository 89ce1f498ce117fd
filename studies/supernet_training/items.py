"""The items of a study: each a JSON file, done once, in whatever process."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scalenet_tf.config import SupernetConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.utils import files
from studies.supernet_training.study import BASELINE, VARIANTS, Study
from studies.supernet_training.subnets import scored_subnets
from studies.supernet_training.training_budget import mean_draw_macs, steps_within, training_macs

# A forward and a backward pass, in forward passes: only to guess how long items take beside each other.
_TRAINING_PASSES = 3


@dataclass(frozen=True)
class Item:
    """A unit of work.

    Attributes:
      kind: "scratch" or "supernet".
      name: Of its file, without the suffix.
      work: Multiply-adds, roughly: what the estimate of time goes by.
      seed: Of a super-supernet; None for a training from scratch, which all seeds share.
      make: Does it, and returns what its file holds.
    """

    kind: str
    name: str
    work: float
    seed: int | None
    make: Callable[[], dict[str, Any]]


def items_of(study: Study, space: SearchSpace, folder: Path) -> list[Item]:
    """All items, in the order in which they are done: from scratch first, then seed by seed.

    Args:
      study: What is done.
      space: The study's, for its data.
      folder: Of the study.
    """
    from studies.supernet_training.scratch import train_from_scratch

    subnets = scored_subnets(space, study.per_stage)
    found = []
    for number, (name, subnet) in enumerate(subnets.items()):
        work = cost(subnet).macs * (study.scratch_images * _TRAINING_PASSES + study.test_images)
        make = partial(train_from_scratch, study, subnet, number)
        found.append(Item("scratch", f"scratch_{name}", work, None, make))
    images = study.calibration_images + study.ranking_images
    scoring = images * sum(cost(subnet).macs for subnet in subnets.values())
    training = study.steps * study.batch_size * _TRAINING_PASSES * mean_draw_macs(space)
    for seed, variant in itertools.product(range(study.seeds), study.variants):
        name = f"supernet_{variant}_{seed}"
        make = partial(_supernet, study, space, variant, seed, subnets, folder / "runs" / name)
        found.append(Item("supernet", name, training + scoring, seed, make))
    return found


def _supernet(
    study: Study, space: SearchSpace, variant: str, seed: int, subnets: dict[str, Subnet], folder: Path
) -> dict[str, Any]:
    """With as many steps as cost what the baseline's cost at this seed."""
    from studies.supernet_training.inherited import score_supernet

    baseline = supernet_config(study, BASELINE, study.steps)
    budget = training_macs(space, baseline, seed, study.steps)
    steps = steps_within(space, supernet_config(study, variant, 1), seed, budget)
    config = supernet_config(study, variant, steps)
    spent = training_macs(space, config, seed, steps)
    scores = score_supernet(study, variant, config, seed, subnets, folder)
    return {"steps": steps, "training_macs": spent, "scores": scores}


def supernet_config(study: Study, variant: str, steps: int) -> SupernetConfig:
    """The training of a variant, which gets its share of the warm-up."""
    return SupernetConfig(
        steps=steps,
        batch_size=study.batch_size,
        learning_rate=study.learning_rate,
        warmup_steps=round(study.warmup * steps),
        log_steps=min(100, steps),
        ema_decay=study.ema_decay,
        **VARIANTS[variant],
    )


def run_items(items: list[Item], folder: Path, say: Callable[[str], None], limit: int | None) -> None:
    """Does what is left of `items`, at most `limit` of them, and says how long the rest will take."""
    done = {item.name: _seconds(folder, item) for item in items if item_file(folder, item).is_file()}
    left = [item for item in items if item.name not in done]
    say(f"{len(done)} of {len(items)} items are done")
    for item in left[:limit]:
        begun, cpu_begun = time.monotonic(), time.process_time()
        result = item.make()
        seconds, cpu_seconds = time.monotonic() - begun, time.process_time() - cpu_begun
        there = environment(seconds, cpu_seconds=cpu_seconds)
        surroundings = {"packages": package_versions(), "environment": there}
        files.write_json(item_file(folder, item), {"item": item.name, **result, **surroundings})
        done[item.name] = seconds
        say(f"[{len(done)}/{len(items)}] {item.name}: {seconds:.0f} s; {_time_left(items, done)}")


def item_file(folder: Path, item: Item) -> Path:
    return folder / "items" / f"{item.name}.json"


def _seconds(folder: Path, item: Item) -> float:
    return float(files.read_json(item_file(folder, item))["environment"]["seconds"])


def _time_left(items: list[Item], done: dict[str, float]) -> str:
    """By the seconds that a multiply-add took so far, for each kind of item apart."""
    seconds = 0.0
    for kind in dict.fromkeys(item.kind for item in items):
        left = sum(item.work for item in items if item.kind == kind and item.name not in done)
        measured = [item for item in items if item.kind == kind and item.name in done]
        if left and not measured:
            return f"the rest cannot be estimated before the first {kind} item is done"
        if left:
            work = sum(item.work for item in measured)
            seconds += left * sum(done[item.name] for item in measured) / work
    return f"about {seconds / 60:.0f} min left" if seconds else "all done"
