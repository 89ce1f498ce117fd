"""The tables of the variants as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.errors import ScaleNetError
from studies.common.interval import Interval
from studies.common.items import Item, Items
from studies.supernet_training.items import scratch_item, supernet_item
from studies.supernet_training.statistics import resolution_bias, tau_ceiling, tau_interval
from studies.supernet_training.study import Study
from studies.supernet_training.subnets import stage_of


@dataclass(frozen=True)
class Truth:
    """The trainings from scratch of the subnets that are finished for each of the seeds used.

    Attributes:
      names: Names of the subnets [N].
      items: Items of the first seed, by subnet [N].
      accuracy: Accuracies [seeds, N].
    """

    names: list[str]
    items: list[Item]
    accuracy: np.ndarray

    @property
    def stages(self) -> np.ndarray:
        """Scaling stages [N]."""
        return np.array([stage_of(name) for name in self.names])

    def values(self, key: str) -> np.ndarray:
        """A fact of each subnet [N]."""
        return np.array([item[key] for item in self.items])


def markdown(study: Study, items: Items) -> str:
    """Two tables: the inherited accuracies of each variant, and how well scores rank within a scaling stage.

    Args:
      study: The study.
      items: Its finished items.

    Raises:
      ScaleNetError: If the trainings from scratch of the first seed or all super-supernets are missing.
    """
    truth = _truth(study, items)
    variants = {variant: _finished(study, items, variant) for variant in study.variants}
    if truth is None or not any(variants.values()):
        raise ScaleNetError(
            "a report needs the trainings from scratch of seed 0 and a super-supernet. Continue the study "
            "with: python -m studies.supernet_training run"
        )
    stages = np.unique(truth.stages)
    heads = " | ".join(f"S{stage}" for stage in stages)
    scratch = _by_stage(truth.accuracy.mean(0), truth.stages)
    lines = [
        f"| variant | seeds | steps | CPU s | parameters | {heads} | bias among resolutions |",
        "|---|---|---|---|---|" + "---|" * (len(stages) + 1),
        f"| from scratch | {len(truth.accuracy)} | | | | " + " | ".join(map(_percent, scratch)) + " | |",
    ]
    ranks = ["| ranking within a scaling stage | tau | 95 % interval |", "|---|---|---|"]
    for variant, found in variants.items():
        if not found:
            continue
        scores = np.array([[item["accuracy"][name] for name in truth.names] for item in found])
        means = np.array([_by_stage(row, truth.stages) for row in scores])
        cells = [
            f"{_percent(mean)} ({100 * (mean - true):+.1f})"
            for mean, true in zip(means.mean(0), scratch, strict=True)
        ]
        gaps = scores.mean(0) - truth.accuracy.mean(0)
        bias = resolution_bias(gaps, truth.stages, truth.values("resolution"))
        seconds = np.mean([item["training_cpu_seconds"] for item in found])
        first = found[0]
        lines.append(
            f"| {variant} | {len(found)} | {first['steps']:,} | {seconds:.0f} | {first['parameters']:,} | "
            + " | ".join(cells)
            + f" | {100 * bias:.1f} |"
        )
        ranks.append(_rank(f"inherited, {variant}", tau_interval(scores, truth.accuracy, truth.stages)))
    for name, key, sign in (
        ("fewer blocks", "blocks", -1),
        ("fewer parameters", "parameters", -1),
        ("more MACs", "macs", 1),
    ):
        values = sign * truth.values(key)[None].astype(float)
        ranks.append(_rank(name, tau_interval(values, truth.accuracy, truth.stages)))
    ceiling = tau_ceiling(truth.accuracy, truth.stages)
    if ceiling is not None:
        ranks.append(f"| one training from scratch, against the mean of the others | {ceiling:.2f} | |")
    note = (
        f"Accuracy over {study.test_images:,} test images in percent, mean over {len(truth.names)} subnets "
        "within the budgets and over the seeds; in parentheses, points above from scratch. Bias: largest "
        "difference between two resolutions of a stage in inherited less true accuracy, in points."
    )
    return "\n".join([*lines, "", *ranks, "", note, ""])


def _truth(study: Study, items: Items) -> Truth | None:
    """The subnets of the first seed, and the seeds for which all of them are finished."""
    finished = [name for name in items.names("scratch") if name.endswith("_0")]
    names = [name.removeprefix("scratch/").removesuffix("_0") for name in finished]
    rows = []
    for seed in range(study.seeds):
        found = items.get_all([scratch_item(name, seed) for name in names])
        if found:
            rows.append([item["accuracy"] for item in found])
    return Truth(names, [items[name] for name in finished], np.array(rows)) if rows else None


def _finished(study: Study, items: Items, variant: str) -> list[Item]:
    found = [items.get(supernet_item(variant, seed)) for seed in range(study.seeds)]
    return [item for item in found if item is not None]


def _by_stage(values: np.ndarray, stages: np.ndarray) -> list[float]:
    return [float(values[stages == stage].mean()) for stage in np.unique(stages)]


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _rank(name: str, tau: Interval) -> str:
    return f"| {name} | {tau.value:.2f} | {tau.low:.2f} to {tau.high:.2f} |"
