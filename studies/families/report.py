"""The tables of a study as Markdown."""

from __future__ import annotations

import numpy as np

from studies.common.items import Items
from studies.families.curves import Interval, difference_interval, ratio_interval
from studies.families.items import expected_items, known_items
from studies.families.plan import SIDES
from studies.families.study import Study
from studies.families.trained import (
    TrainedFamily,
    compound_families,
    curves,
    random_families,
    searched_families,
)
from studies.families.tuning import tuned_of, tuning_values

_ONE_SEED = "of one seed: none"


def markdown(study: Study, items: Items) -> str:
    """The tables of a study, finished or not.

    Args:
      study: The study.
      items: Its finished items.
    """
    known = known_items(study, items)
    done = sum(item.name in items for item in known)
    tuned = all(tuned_of(study, items, side) for side in SIDES)
    rest = f"{len(known)} known" if tuned else f"about {expected_items(study)}"
    parts = [f"{done} of {rest} items are in."]
    if len(study.grid) > 1:
        parts.append(_tuning(study, items))
    parts += [_ways(study, items), _comparison(study, items)]
    return "\n\n".join(part for part in parts if part)


def _tuning(study: Study, items: Items) -> str:
    """Mean validation accuracy of each grid point, by side."""
    values = {side: tuning_values(study, items, side) for side in SIDES}
    lines = ["| learning rate | share of the budget for training | " + " | ".join(SIDES) + " |"]
    lines.append("|---|---|" + "---|" * len(SIDES))
    for tuned in study.grid:
        cells = [_percent(values[side][tuned], tuned_of(study, items, side) == tuned) for side in SIDES]
        lines.append(f"| {tuned.learning_rate:g} | {tuned.training:.0%} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(value: float | None, bold: bool) -> str:
    if value is None:
        return "not done"
    return f"**{100 * value:.2f} %**" if bold else f"{100 * value:.2f} %"


def _ways(study: Study, items: Items) -> str:
    """A row per way and budget: means over the families that are trained."""
    stages = [f"S{stage}" for stage in range(study.stages)]
    lines = [
        f"| way | budget | families | {' | '.join(stages)} | mean (sd) | million MACs "
        "| search, 10⁹ MACs: training + scores | scores | CPU s |",
        "|---|---|---|" + "---|" * (len(stages) + 5),
    ]
    for side in SIDES:
        for budget in study.budgets:
            lines += _row(side, f"{budget:g}", searched_families(study, items, side, budget))
    lines += _row("compound rule", f"S0 of {study.budgets[-1]:g}", compound_families(study, items))
    lines += _row("random", "", random_families(study, items))
    return "\n".join(lines) if len(lines) > 2 else ""


def _row(way: str, budget: str, families: list[TrainedFamily]) -> list[str]:
    if not families:
        return []
    scores = 100 * np.array([one.accuracies for one in families])
    means = scores.mean(1)
    spread = f" ({means.std(ddof=1):.2f})" if len(means) > 1 else ""
    macs = " / ".join(f"{value / 1e6:.2f}" for value in np.mean([one.macs for one in families], axis=0))

    def mean(*names: str) -> float:
        return float(np.mean([sum(one.cost.get(name, 0) for name in names) for one in families]))

    search = f"{mean('training_macs') / 1e9:.0f} + {mean('scoring_macs') / 1e9:.0f}"
    seconds = mean("training_cpu_seconds", "scoring_cpu_seconds")
    cells = [
        way,
        budget,
        str(len(families)),
        *(f"{score:.2f}" for score in scores.mean(0)),
        f"**{means.mean():.2f}**{spread}",
        macs,
        search,
        f"{mean('scores'):.0f}",
        f"{seconds:.0f}",
    ]
    return ["| " + " | ".join(cells) + " |"]


def _comparison(study: Study, items: Items) -> str:
    """Differences of the sides at each budget and their cost ratio, over the seeds that are complete."""
    done = curves(study, items)
    if done is None:
        return "No seed has both sides at every budget yet."
    joint, independent = done["joint"], done["independent"]
    lines = [
        f"Seeds in which both sides are done: {len(joint.costs)}.",
        "",
        "| budget | joint less independent, points | 95 % interval |",
        "|---|---|---|",
    ]
    for place, budget in enumerate(study.budgets):
        gain = difference_interval(joint.accuracies[:, place], independent.accuracies[:, place])
        ends = f"{100 * gain.low:+.2f} to {100 * gain.high:+.2f}" if len(joint.costs) > 1 else _ONE_SEED
        lines.append(f"| {budget:g} | {100 * gain.value:+.2f} | {ends} |")
    if len(study.budgets) > 1:
        lines += ["", _ratio(ratio_interval(joint, independent), len(joint.costs))]
    return "\n".join(lines)


def _ratio(ratio: Interval, seeds: int) -> str:
    """The cost ratio in words; at 0 or infinity the curves do not meet."""
    found = f"{ratio.value:.2f}"
    if not 0 < ratio.value < np.inf:
        found = f"none, the curves do not meet ({ratio.value:g})"
    ends = f"{ratio.low:.2f} to {ratio.high:.2f}" if seeds > 1 else _ONE_SEED
    return (
        f"Cost of the independent searches to that of the joint one at equal accuracy: {found}; 95 % "
        f"interval {ends}."
    )
