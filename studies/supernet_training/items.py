"""The items of the study: subnets trained from scratch, and super-supernets with the subnets' scores."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scalenet_tf.config import SupernetConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.space import SearchSpace, Subnet
from studies.common.items import FolderItems
from studies.common.items import Item as Result
from studies.supernet_training.study import BASELINE, VARIANTS, Study
from studies.supernet_training.subnets import scored_subnets
from studies.supernet_training.training_budget import mean_draw_macs, steps_within, training_macs

# A training step in forward passes. Used only to estimate how long items take.
_TRAINING_PASSES = 3


@dataclass(frozen=True)
class Item:
    """A unit of work.

    Attributes:
      kind: "scratch" or "supernet".
      name: Name of the item without its group.
      work: Approximate multiply-adds, from which the time left is estimated.
      seed: Seed of a super-supernet. None: a training from scratch, which all seeds share.
      make: Does the work and returns the result.
    """

    kind: str
    name: str
    work: float
    seed: int | None
    make: Callable[[], Result]

    @property
    def item(self) -> str:
        """Name of the item."""
        return f"items/{self.name}"


def items_of(study: Study, space: SearchSpace, folder: Path) -> list[Item]:
    """All items in the order in which they are made: trainings from scratch, then seed by seed.

    Args:
      study: The study.
      space: Its search space, with the channels and classes of its data.
      folder: Its folder.
    """
    from studies.supernet_training.scratch import train_subnet

    subnets = scored_subnets(space, study.per_stage)
    found = []
    for number, (name, subnet) in enumerate(subnets.items()):
        work = cost(subnet).macs * (study.scratch_images * _TRAINING_PASSES + study.test_images)
        make = partial(train_subnet, study, subnet, number)
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
) -> Result:
    """Trains for as many steps as cost the multiply-adds of the baseline at this seed, and scores."""
    from studies.supernet_training.inherited import score_supernet

    baseline = supernet_config(study, BASELINE, study.steps)
    budget = training_macs(space, baseline, seed, study.steps)
    steps = steps_within(space, supernet_config(study, variant, 1), seed, budget)
    config = supernet_config(study, variant, steps)
    spent = training_macs(space, config, seed, steps)
    scores = score_supernet(study, variant, config, seed, subnets, folder)
    return {"steps": steps, "training_macs": spent, "scores": scores}


def supernet_config(study: Study, variant: str, steps: int) -> SupernetConfig:
    """The training of a variant; its warm-up is the same fraction of any number of steps."""
    return SupernetConfig(
        steps=steps,
        batch_size=study.batch_size,
        learning_rate=study.learning_rate,
        warmup_steps=round(study.warmup * steps),
        log_steps=min(100, steps),
        ema_decay=study.ema_decay,
        **VARIANTS[variant],
    )


def run_items(items: list[Item], folder: FolderItems, say: Callable[[str], None], limit: int | None) -> None:
    """Makes the items that are not finished.

    Args:
      items: The items.
      folder: The study's folder.
      say: Prints a line of progress.
      limit: Largest number of items to make. None: all.
    """
    done = {item.name: _seconds(folder[item.item]) for item in items if item.item in folder}
    left = [item for item in items if item.name not in done]
    say(f"{len(done)} of {len(items)} items are done")
    for item in left[:limit]:
        done[item.name] = seconds = _seconds(folder.record(item.item, partial(_result, item)))
        say(f"[{len(done)}/{len(items)}] {item.name}: {seconds:.0f} s; {_time_left(items, done)}")


def _result(item: Item) -> Result:
    return {"item": item.name, **item.make()}


def _seconds(result: Result) -> float:
    return float(result["environment"]["seconds"])


def _time_left(items: list[Item], done: dict[str, float]) -> str:
    """The time left in words, by the seconds per multiply-add so far of each kind of item."""
    seconds = 0.0
    for kind in dict.fromkeys(item.kind for item in items):
        left = sum(item.work for item in items if item.kind == kind and item.name not in done)
        measured = [item for item in items if item.kind == kind and item.name in done]
        if left and not measured:
            return f"the time left is known once the first {kind} item is done"
        if left:
            work = sum(item.work for item in measured)
            seconds += left * sum(done[item.name] for item in measured) / work
    return f"about {seconds / 60:.0f} min left" if seconds else "all done"
