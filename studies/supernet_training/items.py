"""The items of the study: subnets trained from scratch, and super-supernets with the subnets' scores."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.utils.formatting import time_left
from studies.common.items import FolderItems, Item
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
    from studies.supernet_training.inherited import score_supernet

    return score_supernet(study, variant, seed, subnets, folder)


def _scratch(study: Study, subnet: Subnet, seed: int, number: int) -> Item:
    from studies.common.train_from_scratch import train_from_scratch

    trained = train_from_scratch(study.data, study.scratch, subnet, seed, number, data_seed=seed)
    return {**trained, "blocks": subnet.num_blocks, "resolution": subnet.resolution, "key": subnet.key}


def run_items(
    items: dict[str, Callable[[], Item]], folder: FolderItems, say: Callable[[str], None], limit: int | None
) -> None:
    """Makes the items that are not finished.

    Args:
      items: The items.
      folder: The study's folder.
      say: Prints a line of progress.
      limit: Largest number of items to make. None: all.
    """
    left = [name for name in items if name not in folder]
    done = len(items) - len(left)
    say(f"{done} of {len(items)} items are done")
    spent: dict[str, list[float]] = {}
    for position, name in enumerate(left[:limit], start=1):
        seconds = float(folder.record(name, items[name])["environment"]["seconds"])
        spent.setdefault(_group(name), []).append(seconds)
        say(f"[{done + position}/{len(items)}] {name}: {seconds:.0f} s; {_time_left(left[position:], spent)}")


def _group(name: str) -> str:
    return name.split("/")[0]


def _time_left(left: list[str], spent: dict[str, list[float]]) -> str:
    """The time left in words, by the mean seconds so far of each group of items."""
    if not left:
        return "all done"
    seconds = 0.0
    for name in left:
        if (group := _group(name)) not in spent:
            return f"the time left is known once the first {group} item is done"
        seconds += sum(spent[group]) / len(spent[group])
    return time_left(seconds)
