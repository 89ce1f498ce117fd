"""What is there of a study as Markdown."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studies.families.curves import Interval, difference_interval, ratio_interval
from studies.families.plan import SIDES
from studies.families.reached import Reached, at_random, by_rule, curves, searched
from studies.families.study import Study
from studies.families.tuning import tuned_of, tuning_values
from studies.families.work import expected_items, known_items

_ONE_SEED = "of one seed: none"


def markdown(study: Study, folder: Path) -> str:
    """The tables of a study, whole or not."""
    items = known_items(study, folder)
    done = sum(item.file.is_file() for item in items)
    known = all(tuned_of(study, folder, side) for side in SIDES)
    rest = f"{len(items)} known" if known else f"about {expected_items(study)}"
    parts = [f"{done} of {rest} items are in."]
    if len(study.grid) > 1:
        parts.append(_tuning(study, folder))
    parts += [_ways(study, folder), _comparison(study, folder)]
    return "\n\n".join(part for part in parts if part)


def _tuning(study: Study, folder: Path) -> str:
    """Mean validation accuracy of each point of the grid, by side."""
    values = {side: tuning_values(study, folder, side) for side in SIDES}
    lines = ["| learning rate | share of the budget for training | " + " | ".join(SIDES) + " |"]
    lines.append("|---|---|" + "---|" * len(SIDES))
    for tuned in study.grid:
        cells = [_percent(values[side][tuned], tuned_of(study, folder, side) == tuned) for side in SIDES]
        lines.append(f"| {tuned.learning_rate:g} | {tuned.training:.0%} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(value: float | None, bold: bool) -> str:
    if value is None:
        return "not done"
    return f"**{100 * value:.2f} %**" if bold else f"{100 * value:.2f} %"


def _ways(study: Study, folder: Path) -> str:
    """A row for each way and budget, means over what is done."""
    stages = [f"S{stage}" for stage in range(study.stages)]
    lines = [
        f"| way | budget | families | {' | '.join(stages)} | mean (sd) | million MACs "
        "| search, 10⁹ MACs: training + scores | scores | CPU s |",
        "|---|---|---|" + "---|" * (len(stages) + 5),
    ]
    for side in SIDES:
        for budget in study.budgets:
            lines += _row(side, f"{budget:g}", searched(study, folder, side, budget))
    lines += _row("compound rule", f"S0 of {study.budgets[-1]:g}", by_rule(study, folder))
    lines += _row("random", "", at_random(study, folder))
    return "\n".join(lines) if len(lines) > 2 else ""


def _row(way: str, budget: str, families: list[Reached]) -> list[str]:
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


def _comparison(study: Study, folder: Path) -> str:
    """Of the seeds in which both sides are done at all budgets: the sides at each budget, and their costs."""
    done = curves(study, folder)
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
    """The cost ratio in words; beyond 0 and infinity the curves do not meet."""
    found = f"{ratio.value:.2f}"
    if not 0 < ratio.value < np.inf:
        found = f"none, the curves do not meet ({ratio.value:g})"
    ends = f"{ratio.low:.2f} to {ratio.high:.2f}" if seeds > 1 else _ONE_SEED
    return (
        f"Cost of the independent searches to that of the joint one at equal accuracy: {found}; 95 % "
        f"interval {ends}."
    )
