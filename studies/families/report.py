"""The tables of a study as Markdown."""

from __future__ import annotations

import numpy as np

from studies.common.items import Items
from studies.families.comparisons import comparisons
from studies.families.curves import Interval, ratio_interval
from studies.families.items import expected_items, known_items
from studies.families.labels import EFFICIENTNETS_RULE, LABELS, RANDOM
from studies.families.plan import TUNED_WAYS, WAYS, budgets_of, grid_of
from studies.families.published import PUBLISHED
from studies.families.study import Study
from studies.families.trained import (
    TrainedFamily,
    compound_families,
    curves,
    random_families,
    searched_families,
)
from studies.families.tuning import tuned_of, tuning_values


def markdown(study: Study, items: Items) -> str:
    """The tables of a study, finished or not.

    Args:
      study: The study.
      items: Its finished items.
    """
    known = known_items(study, items)
    done = sum(item.name in items for item in known)
    tuned = all(tuned_of(study, items, way) for way in TUNED_WAYS)
    rest = f"{len(known)} known" if tuned else f"about {expected_items(study)}"
    parts = [
        f"{done} of {rest} items are in.",
        _tuning(study, items),
        _ways(study, items),
        _published(study, items),
        _comparisons(study, items),
        _ratio(study, items),
    ]
    return "\n\n".join(part for part in parts if part)


def _tuning(study: Study, items: Items) -> str:
    """Mean validation accuracy of each grid point, by way."""
    lines = ["| way | point of its grid | validation accuracy |", "|---|---|---|"]
    for way in TUNED_WAYS:
        if len(grid_of(study, way)) == 1:
            continue
        best = tuned_of(study, items, way)
        for tuned, value in tuning_values(study, items, way).items():
            lines.append(f"| {LABELS[way]} | {tuned} | {_percent(value, best == tuned)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _percent(value: float | None, bold: bool) -> str:
    if value is None:
        return "not done"
    return f"**{100 * value:.2f} %**" if bold else f"{100 * value:.2f} %"


def _ways(study: Study, items: Items) -> str:
    """A row per way and budget: means over the families that are trained."""
    drawn = random_families(study, items)
    stages = [f"S{stage}" for stage in range(study.stages)]
    lines = [
        f"| way | budget | families | {' | '.join(stages)} | mean (sd) | million MACs | to random "
        "| search, 10⁹ MACs | scores or trials | CPU s |",
        "|---|---|---|" + "---|" * (len(stages) + 6),
    ]
    for way in WAYS:
        for budget in budgets_of(study, way):
            lines += _row(LABELS[way], f"{budget:g}", searched_families(study, items, way, budget), drawn)
    paid = f"S0 of {study.budgets[-1]:g}"
    lines += _row(EFFICIENTNETS_RULE, paid, compound_families(study, items), drawn)
    lines += _row(RANDOM, "", drawn, drawn)
    return "\n".join(lines) if len(lines) > 2 else ""


def _row(way: str, budget: str, families: list[TrainedFamily], drawn: list[TrainedFamily]) -> list[str]:
    """The row of a way, with the geometric mean of its members' multiply-adds to those of random ones."""
    if not families:
        return []
    scores = 100 * np.array([one.accuracies for one in families])
    means = scores.mean(1)
    spread = f" ({means.std(ddof=1):.2f})" if len(means) > 1 else ""
    macs = " / ".join(f"{value / 1e6:.2f}" for value in np.mean([one.macs for one in families], axis=0))

    def log_macs(of: list[TrainedFamily]) -> float:
        return float(np.mean([np.log(one.macs) for one in of]))

    def mean(*names: str) -> float:
        return float(np.mean([sum(one.cost.get(name, 0) for name in names) for one in families]))

    cells = [
        way,
        budget,
        str(len(families)),
        *(f"{score:.2f}" for score in scores.mean(0)),
        f"**{means.mean():.2f}**{spread}",
        macs,
        f"{np.exp(log_macs(families) - log_macs(drawn)):.2f}" if drawn else "",
        f"{np.mean([one.search_macs for one in families]) / 1e9:.0f}",
        f"{mean('scores'):.0f}",
        f"{mean('training_cpu_seconds', 'scoring_cpu_seconds'):.0f}",
    ]
    return ["| " + " | ".join(cells) + " |"]


def _published(study: Study, items: Items) -> str:
    """Published architectures, beside the mean members of the same stage, found jointly and at random."""
    lines = [
        "| published architecture | stage | seeds | million MACs | accuracy | joint | random | joint less it "
        "| random less it |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    drawn = random_families(study, items)
    ours = {one.seed: one for one in searched_families(study, items, "joint", study.budgets[-1])}
    for one in PUBLISHED:
        results = {seed: item for seed in ours if (item := items.get(one.item(seed))) is not None}
        if not results:
            continue
        theirs = np.mean([item["accuracy"] for item in results.values()])
        joint = np.mean([ours[seed].accuracies[one.stage] for seed in results])
        at_random = np.mean([f.accuracies[one.stage] for f in drawn if f.seed in results])
        macs = next(iter(results.values()))["macs"] / 1e6
        lines.append(
            f"| {one.architecture}, alpha {one.alpha:g} | S{one.stage} | {len(results)} | {macs:.2f} "
            f"| {100 * theirs:.2f} | {100 * joint:.2f} | {100 * at_random:.2f} "
            f"| {100 * (joint - theirs):+.2f} | {100 * (at_random - theirs):+.2f} |"
        )
    return "\n".join(lines) if len(lines) > 2 else ""


def _comparisons(study: Study, items: Items) -> str:
    """Differences of the families' mean accuracy, over the seeds that both have."""
    lines = [
        "| way, budget | less | seeds | points | 95 % interval | p after Holm |",
        "|---|---|---|---|---|---|",
    ]
    for one in comparisons(study, items):
        ends = (
            f"{100 * one.gain.low:+.2f} to {100 * one.gain.high:+.2f}"
            if one.seeds > 1
            else "of one seed: none"
        )
        p = f"{one.p:.3f}" if one.seeds > 1 else ""
        lines.append(
            f"| {one.ours} | {one.theirs} | {one.seeds} | {100 * one.gain.value:+.2f} | {ends} | {p} |"
        )
    return "\n".join(lines) if len(lines) > 2 else ""


def _ratio(study: Study, items: Items) -> str:
    """The cost ratio of independent and joint search in words."""
    done = curves(study, items, ("joint", "independent"))
    if done is None:
        return "No seed has both joint and independent search at every budget yet."
    if len(study.budgets) == 1:
        return ""
    return _ratio_text(ratio_interval(*done), len(done[0].costs))


def _ratio_text(ratio: Interval, seeds: int) -> str:
    """The cost ratio in words; at 0 or infinity the curves do not meet."""
    found = f"{ratio.value:.2f}"
    if not 0 < ratio.value < np.inf:
        found = f"none, the curves do not meet ({ratio.value:g})"
    ends = f"{ratio.low:.2f} to {ratio.high:.2f}" if seeds > 1 else "of one seed: none"
    return (
        f"Cost of the independent searches to that of the joint one at equal accuracy, {seeds} seeds: "
        f"{found}; 95 % interval {ends}."
    )
