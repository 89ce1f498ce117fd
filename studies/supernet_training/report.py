"""The tables of the variants as Markdown."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from scalenet_tf.errors import ScaleNetError
from studies.common.items import Items
from studies.supernet_training.statistics import (
    Difference,
    accuracy_difference,
    kendall_tau,
    tau_difference,
    tau_within,
)
from studies.supernet_training.study import BASELINE, WEIGHTS, Study
from studies.supernet_training.subnets import ENDS, stage_of


def markdown(study: Study, items: Items) -> str:
    """Two tables: the accuracies and taus of each variant, and their differences to the baseline.

    Args:
      study: The study.
      items: Its finished items.

    Raises:
      ScaleNetError: If no seed of the baseline is finished, or a training from scratch is missing.
    """
    scratch = _scratch(items)
    variants = _variants(study, items)
    results = [result for seeds in variants.values() for result in seeds.values()]
    scored = {name for result in results for name in result["scores"]["last"]["accuracy"]}
    if BASELINE not in variants or not scored <= set(scratch):
        raise ScaleNetError(
            f"a report needs all trainings from scratch and a seed of {BASELINE!r}. Received: a study "
            f"which holds {len(scratch)} from scratch and {len(results)} super-supernets. "
            "Continue it with: python -m studies.supernet_training run"
        )
    names = [name for name in scratch if stage_of(name) is not None]
    truth = np.array([scratch[name]["accuracy"] for name in names])
    stages = np.array([stage_of(name) for name in names])
    reached = [
        "| variant | weights | seeds | steps | smallest | base | largest | tau | tau within a stage |",
        "|---|---|---|---|---|---|---|---|---|",
        "| from scratch, one seed | | | | "
        + " | ".join(_percent([scratch[end]["accuracy"]]) for end in ENDS)
        + " | | |",
    ]
    differences = [
        f"| less {BASELINE}, last weights | weights | smallest | base | largest | tau | tau within a stage |",
        "|---|---|---|---|---|---|---|",
    ]
    for variant, seeds in variants.items():
        for weights in WEIGHTS:
            scores = {s: found["scores"][weights] for s, found in seeds.items() if weights in found["scores"]}
            if not scores:
                continue
            inherited = _inherited(scores, names)
            steps = f"{np.mean([result['steps'] for result in seeds.values()]):,.0f}"
            cells = [_percent([score["accuracy"][end] for score in scores.values()]) for end in ENDS]
            taus = [np.mean([kendall_tau(row, truth) for row in inherited])]
            taus.append(np.mean([tau_within(row, truth, stages) for row in inherited]))
            cells += [f"{tau:.3f}" for tau in taus]
            reached.append(_row(variant, weights, str(len(seeds)), steps, *cells))
            if (variant, weights) != (BASELINE, "last"):
                baseline = {seed: result["scores"]["last"] for seed, result in variants[BASELINE].items()}
                found = _differences(scores, baseline, names, truth, stages)
                points = [_interval(one, 100, 2) for one in found[:3]]
                differences.append(_row(variant, weights, *points, *(_interval(d, 1, 3) for d in found[3:])))
    note = (
        f"Accuracy over {results[0]['scores']['last']['images']:,} test images in percent, mean of the seeds "
        f"± their standard deviation; tau over {len(names)} subnets against their accuracy from scratch. "
        "Differences in points with their 95 % interval by paired bootstrap; bold where it excludes zero."
    )
    return "\n".join([*reached, "", *differences, "", note, ""])


def _scratch(items: Items) -> dict[str, Any]:
    """Trainings from scratch by the subnet's name."""
    prefix = "items/scratch_"
    return {
        name.removeprefix(prefix): items[name] for name in items.names("items") if name.startswith(prefix)
    }


def _variants(study: Study, items: Items) -> dict[str, dict[int, Any]]:
    """Finished super-supernets by variant and seed."""
    found: dict[str, dict[int, Any]] = {}
    for variant in study.variants:
        names = {seed: f"items/supernet_{variant}_{seed}" for seed in range(study.seeds)}
        seeds = {seed: items[name] for seed, name in names.items() if name in items}
        if seeds:
            found[variant] = seeds
    return found


def _inherited(scores: dict[int, Any], names: list[str]) -> np.ndarray:
    return np.array([[score["accuracy"][name] for name in names] for score in scores.values()])


def _differences(
    ours: dict[int, Any], theirs: dict[int, Any], names: list[str], truth: np.ndarray, stages: np.ndarray
) -> list[Difference]:
    """Differences of the three accuracies, tau and tau within a stage, over the seeds that both have."""
    both = sorted(set(ours) & set(theirs))
    if not both:
        return []
    ours, theirs = ({seed: scores[seed] for seed in both} for scores in (ours, theirs))
    rng = np.random.default_rng(0)
    found = [accuracy_difference(_right(ours, end), _right(theirs, end), rng) for end in ENDS]
    taus = tau_difference(_inherited(ours, names), _inherited(theirs, names), truth, stages, rng)
    return [*found, *taus]


def _right(scores: dict[int, Any], end: str) -> np.ndarray:
    rows = []
    for score in scores.values():
        packed = np.frombuffer(base64.b64decode(score["right"][end]), np.uint8)
        rows.append(np.unpackbits(packed, count=score["images"]).astype(bool))
    return np.array(rows)


def _percent(values: list[float]) -> str:
    spread = f" ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    return f"{100 * np.mean(values):.1f}{spread}"


def _interval(difference: Difference, factor: float, places: int) -> str:
    mean, low, high = (factor * part for part in (difference.mean, difference.low, difference.high))
    text = f"{mean:+.{places}f} [{low:+.{places}f}, {high:+.{places}f}]"
    return f"**{text}**" if difference.excludes_zero else text


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
