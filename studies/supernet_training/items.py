"""The items of the study: subnets trained from scratch, and super-supernets with the subnets' scores."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from scalenet_tf.config import RunConfig
from scalenet_tf.space import SearchSpace, Subnet
from studies.common.items import Item
from studies.supernet_training.study import Study
from studies.supernet_training.subnets import scored_subnets


def scratch_item(name: str, seed: int) -> str:
    """Name of the item of a subnet that is trained from scratch."""
    return f"scratch/{name}_{seed}"


def supernet_item(variant: str, seed: int) -> str:
    """Name of the item of a super-supernet."""
    return f"supernet/{variant}_{seed}"


def items_of(study: Study, space: SearchSpace, folder: Path) -> dict[str, Callable[[], Item]]:
    """All items by name in the order in which they are made, seed by seed.

    Args:
      study: The study.
      space: Its search space, with the channels and classes of its data.
      folder: Its folder.
    """
    subnets = scored_subnets(space, study.per_stage)
    found: dict[str, Callable[[], Item]] = {}
    for seed in range(study.seeds):
        for variant in study.variants:
            name = supernet_item(variant, seed)
            found[name] = partial(_supernet, study, variant, seed, subnets, folder / "runs" / Path(name).name)
        for number, (name, subnet) in enumerate(subnets.items()):
            found[scratch_item(name, seed)] = partial(_scratch, study, subnet, seed, number)
    return found


def _supernet(study: Study, variant: str, seed: int, subnets: dict[str, Subnet], folder: Path) -> Item:
    from studies.common.inherited import score_supernet

    config = RunConfig(seed=seed, space=study.space, data=study.data, supernet=study.supernet(variant))
    return score_supernet(config, folder, subnets, study.scoring)


def _scratch(study: Study, subnet: Subnet, seed: int, number: int) -> Item:
    from studies.common.train_from_scratch import train_from_scratch

    trained = train_from_scratch(study.data, study.scratch, subnet, seed, number, data_seed=seed)
    return {**trained, "blocks": subnet.num_blocks, "resolution": subnet.resolution, "key": subnet.key}
