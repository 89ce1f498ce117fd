"""The table of several studies, one per family, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.macs import cost
from scalenet_tf.extrapolation.fit_to_budget import realised_ratios
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from studies.common.items import Items
from studies.extrapolation.networks import network_item, networks
from studies.extrapolation.study import Study

_RANDOM = "random"


@dataclass(frozen=True)
class Trained:
    """A trained network.

    Attributes:
      shape: Ratios of blocks, channels and pixels to the base's.
      target: Ratio of its multiply-adds to the target of its stage.
      accuracies: Accuracies by seed, 0 to 1.
    """

    shape: tuple[float, float, float]
    target: float
    accuracies: dict[int, float]


Family = dict[tuple[str, str], list[Trained]]  # by stage and way


def markdown(studies: Sequence[tuple[Study, Items]]) -> str:
    """A row per stage and way: means over families, and differences to a family's own random scalings.

    Args:
      studies: Studies with their finished items, one per family.
    """
    families = [_trained(study, items) for study, items in studies]
    lines = [
        "| stage | way | families, networks | depth / width / pixels, times the base's | MACs / target "
        "| test accuracy | less random | less random, by family |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for stage, way in sorted({key for family in families for key in family}):
        there = [family for family in families if (stage, way) in family]
        found = [one for family in there for one in family[stage, way]]
        shape = " / ".join(f"{np.mean(side):.2f}" for side in zip(*(one.shape for one in found), strict=True))
        cells = [stage, way, f"{len(there)}, {len(found)}", shape]
        cells.append(f"{np.mean([one.target for one in found]):.3f}")
        cells.append(f"{100 * np.mean([_mean(family[stage, way]) for family in there]):.2f} %")
        gains = list(_gains(there, stage, way)) if way != _RANDOM else []
        cells.append(f"{100 * np.mean(gains):+.2f}" if gains else "")
        cells.append(", ".join(f"{100 * gain:+.2f}" for gain in gains))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _trained(study: Study, items: Items) -> Family:
    """The trained networks by stage and way; random scalings are one way."""
    first = scale(study.space, study.base, study.scalings[0])
    found: Family = {}
    for stage, way, subnet in networks(study):
        accuracies = _accuracies(study, items, subnet)
        if accuracies:
            target = study.space.budget.target(cost(first).macs, int(stage[1:]))
            one = Trained(realised_ratios(subnet, first), cost(subnet).macs / target, accuracies)
            found.setdefault((stage, way.rstrip("0123456789")), []).append(one)
    return found


def _accuracies(study: Study, items: Items, subnet: Subnet) -> dict[int, float]:
    names = {seed: network_item(subnet.key, seed) for seed in range(study.seeds)}
    return {seed: items[name]["accuracy"] for seed, name in names.items() if name in items}


def _gains(families: Iterable[Family], stage: str, way: str) -> Iterable[float]:
    """A difference per family, over the seeds that the way and the random scalings have in common."""
    for family in families:
        beside = family.get((stage, _RANDOM), [])
        seeds = set.intersection(*(set(one.accuracies) for one in [*family[stage, way], *beside]))
        if beside and seeds:
            yield _mean(family[stage, way], seeds) - _mean(beside, seeds)


def _mean(found: Sequence[Trained], seeds: set[int] | None = None) -> float:
    scores = [
        score for one in found for seed, score in one.accuracies.items() if seeds is None or seed in seeds
    ]
    return float(np.mean(scores))
