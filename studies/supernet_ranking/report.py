"""The table of the study as Markdown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scalenet_tf.errors import ScaleNetError
from studies.common.interval import Interval
from studies.common.items import Items
from studies.supernet_ranking.items import NETWORKS, supernet_item
from studies.supernet_ranking.ranking import TOP, Networks, Ranking, ranking, seed_to_others, seed_to_seed
from studies.supernet_ranking.study import Study


def markdown(study: Study, items: Items) -> str:
    """The ranks by the super-supernets that are finished, trivial ones, and those of trainings in the table.

    Raises:
      ScaleNetError: If the study has not begun.
    """
    facts = items.get(NETWORKS)
    if facts is None:
        raise ScaleNetError(
            "the study has scored nothing. Begin it with: python -m studies.supernet_ranking run TABLE"
        )
    networks = Networks.of(facts)
    lines = [
        "| ranking | epochs | CPU s | accuracy | tau, all pairs | tau, like MACs | of the best 5 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for sharing in study.sharings:
        for steps in study.steps:
            item = items.get(supernet_item(sharing, steps))
            if item is not None:
                scores = np.array([item["accuracy"][code] for code in networks.codes])
                spent = (
                    f"{item['epochs']:.1f} | {item['training_cpu_seconds']:.0f} | {100 * scores.mean():.1f} %"
                )
                lines.append(_row(f"sharing {sharing}, {steps:,} steps", spent, ranking(networks, scores)))
    for name, values in (
        ("fewer parameters", -networks.parameters),
        ("more MACs", networks.macs),
    ):
        lines.append(_row(name, "| |", ranking(networks, values.astype(float))))
    lines += [
        f"| random, expected | | | | 0 | 0 | {100 * TOP:.0f} % |",
        _agreement(networks, "a training of the table, against another", seed_to_seed),
        _agreement(networks, "a training of the table, against the mean of the others", seed_to_others),
        "",
        f"{len(networks.codes):,} networks, {networks.near[np.triu_indices_from(networks.near, 1)].sum():,} "
        "pairs of them within 5 % of MACs; accuracy: mean of the scores, over "
        f"{study.validation_images:,} validation images; 95 % intervals over networks, for one training.",
    ]
    return "\n".join(lines)


def _agreement(networks: Networks, name: str, tau: Callable[[Networks, np.ndarray | None], float]) -> str:
    everywhere, near = (f"{tau(networks, pairs):.2f}" for pairs in (None, networks.near))
    return f"| {name} | | | | {everywhere} | {near} | |"


def _row(name: str, spent: str, found: Ranking) -> str:
    cells = [name, spent, _tau(found.everywhere), _tau(found.near), f"{100 * found.top:.0f} %"]
    return "| " + " | ".join(cells) + " |"


def _tau(tau: Interval) -> str:
    return f"{tau.value:.2f} ({tau.low:.2f} to {tau.high:.2f})"
