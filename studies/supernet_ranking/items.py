"""The items of the study: what the table says of the networks, and the super-supernets with their scores."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from scalenet_tf.config import RunConfig
from studies.common.items import Item
from studies.nas_bench_macro.table import SPACE, Network, Table, code_of, subnet_of
from studies.supernet_ranking.study import Sharing, Study

NETWORKS = "table/networks"


def supernet_item(sharing: Sharing, steps: int) -> str:
    """Name of the item of a super-supernet."""
    return f"supernet/{sharing}_{steps}"


def items_of(study: Study, table: Table, folder: Path) -> dict[str, Callable[[], Item]]:
    """All items by name in the order in which they are made, short trainings first.

    Args:
      study: The study.
      table: The table.
      folder: Folder of the study.
    """
    networks = scored_networks(study, table)
    found: dict[str, Callable[[], Item]] = {NETWORKS: partial(_facts, networks)}
    for steps in study.steps:
        for sharing in study.sharings:
            name = supernet_item(sharing, steps)
            make = partial(
                _supernet, study, sharing, steps, table, networks, folder / "runs" / Path(name).name
            )
            found[name] = make
    return found


def scored_networks(study: Study, table: Table) -> dict[str, Network]:
    """The networks that are scored, by their code in the table: a random draw."""
    rng = np.random.default_rng(study.seed)
    numbers = rng.permutation(len(table.networks))[: study.networks]
    networks = [table.networks[number] for number in numbers]
    return {code_of(network.base, table.space): network for network in networks}


def _facts(networks: dict[str, Network]) -> Item:
    facts = {
        code: {"accuracies": one.accuracies, "macs": one.macs, "parameters": one.parameters}
        for code, one in networks.items()
    }
    return {"networks": facts}


def _supernet(
    study: Study, sharing: Sharing, steps: int, table: Table, networks: dict[str, Network], folder: Path
) -> Item:
    from studies.common.inherited import score_supernet

    config = RunConfig(
        seed=study.seed, space=str(SPACE), data=study.data, supernet=study.supernet(sharing, steps)
    )
    subnets = {code: subnet_of(table.space, one.base) for code, one in networks.items()}
    return score_supernet(config, folder, subnets, study.scoring)
