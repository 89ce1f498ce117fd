"""The items of the study: super-supernets, and members trained by each recipe."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras

from scalenet_tf.data import open_data
from scalenet_tf.members.metrics import predictions
from scalenet_tf.members.plan import Plan
from scalenet_tf.members.unrecorded import train_unrecorded
from scalenet_tf.models.score import score
from scalenet_tf.run import Run
from scalenet_tf.space import Subnet
from scalenet_tf.training import load_supernet, train_supernet
from studies.common.items import Item
from studies.recipes.study import Study, member_item
from studies.supernet_training.subnets import scored_subnets


def items_of(study: Study, seed: int, folder: Path) -> dict[str, Callable[[], Item]]:
    """The items of a seed by name, in the order in which they are made.

    Args:
      study: The study.
      seed: The seed.
      folder: Folder of the study.
    """
    run = Run.open_or_create(folder / "runs" / f"seed{seed}", study.run(seed))
    found: dict[str, Callable[[], Item]] = {f"supernet/{seed}": partial(_supernet, run)}
    info = open_data(run).info
    subnets = scored_subnets(run.space().for_data(info.channels, info.classes), 1)
    for stage in study.stages:
        for recipe in study.recipes:
            make = partial(_member, study, run, recipe, stage, subnets[f"s{stage}-00"])
            found[member_item(recipe, stage, seed)] = make
    return found


def _supernet(run: Run) -> Item:
    begun = time.process_time()
    train_supernet(run)
    return {"steps": run.config.supernet.steps, "cpu_seconds": round(time.process_time() - begun, 1)}


def _member(study: Study, run: Run, recipe: str, stage: int, subnet: Subnet) -> Item:
    keras.backend.clear_session()
    config, data, supernet = run.config, open_data(run), load_supernet(run)
    own = study.recipe(recipe, stage)
    plan = Plan.starting(own, stage, inherits=own.start != "scratch")
    begun = time.process_time()
    network = train_unrecorded(f"{recipe}, S{stage}", subnet, stage, plan, config, data, supernet)
    seconds = time.process_time() - begun
    accuracy = {
        split: score(config.task, *predictions(network, data, split, config.search.batch_size, config.task))
        for split in ("validation", "test")
    }
    return {"epochs": plan.epochs, "cpu_seconds": round(seconds, 1), **accuracy}
