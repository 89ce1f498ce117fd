"""The results of studies, one of each family, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scalenet_tf.costs.macs import cost
from scalenet_tf.extrapolation.settle import realised
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from studies.extrapolation.study import Study
from studies.extrapolation.ways import networks

_RANDOM = "random"


@dataclass(frozen=True)
class Trained:
    """A network of a way in a stage, as far as it is trained.

    Attributes:
      shape: Blocks, channels and pixels, times the base's.
      target: Multiply-adds, times what the stage is to have.
      accuracies: By seed.
    """

    shape: tuple[float, float, float]
    target: float
    accuracies: dict[int, float]


Family = dict[tuple[str, str], list[Trained]]  # by stage and way


def markdown(studies: Sequence[tuple[Study, Path]]) -> str:
    """A row for each way and stage: means over families, and gains to the same family's random scalings."""
    families = [_trained(study, folder) for study, folder in studies]
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


def _trained(study: Study, folder: Path) -> Family:
    """What is trained, by stage and way; random scalings are one way."""
    first = scale(study.space, study.base, study.scalings[0])
    found: Family = {}
    for stage, way, subnet in networks(study):
        accuracies = _accuracies(study, folder, subnet)
        if accuracies:
            target = study.space.budget.target(cost(first).macs, int(stage[1:]))
            one = Trained(realised(subnet, first), cost(subnet).macs / target, accuracies)
            found.setdefault((stage, way.rstrip("0123456789")), []).append(one)
    return found


def _accuracies(study: Study, folder: Path, subnet: Subnet) -> dict[int, float]:
    paths = {seed: folder / "items" / f"{subnet.key}-{seed}.json" for seed in range(study.seeds)}
    return {seed: files.read_json(path)["accuracy"] for seed, path in paths.items() if path.is_file()}


def _gains(families: Iterable[Family], stage: str, way: str) -> Iterable[float]:
    """Of each family, over the seeds that a way has in common with the random scalings."""
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
