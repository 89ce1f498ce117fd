"""The tables of the study as Markdown."""

from __future__ import annotations

import numpy as np

from scalenet_tf.errors import ScaleNetError
from studies.common.items import Item, Items
from studies.common.statistics import contrasts
from studies.nas_bench_macro.study import Study

_OURS, _RESAMPLES = "mcea", 2000


def markdown(study: Study, items: Items) -> str:
    """Tables of the costs, of the searches that are finished, and of the ladder.

    Raises:
      ScaleNetError: If the costs have not been compared yet.
    """
    found = {name.removeprefix("best/").replace("-", " "): items[name] for name in items.names("best")}
    if "table/costs" not in items or "table/ladder" not in items:
        raise ScaleNetError(
            "the study holds no comparison of costs. Begin it with: "
            "python -m studies.nas_bench_macro run TABLE"
        )
    costs, ladder = items["table/costs"], items["table/ladder"]
    searches = [*_searches(study, found, costs), "", *_contrasts(study, found), ""] if found else []
    lines = [
        f"Networks of the table that the space expresses: {costs['networks']:,} of {costs['codes']:,} codes. "
        f"Multiply-adds equal to the digit: {costs['equal_macs']:,}; "
        f"parameters: {costs['equal_parameters']:,}.",
        "",
        *searches,
        *_ladder(ladder),
    ]
    return "\n".join(lines)


def _searches(study: Study, found: dict[str, Item], costs: Item) -> list[str]:
    heads = [f"{budget} evaluations" for budget in study.budgets]
    lines = [
        "Mean rank of the best network found (95 % interval; median), of "
        f"{costs['networks']:,}; in brackets of all {costs['codes']:,} codes; regret in points:",
        "",
        "| method | parameters | " + " | ".join(heads) + " |",
        "|---|---|" + "---|" * len(heads),
    ]
    for name, item in found.items():
        ranks, alls, regrets = (np.array(item[key]) for key in ("rank", "rank_of_all", "regret"))
        cells = [
            f"{ranks[:, k].mean():.1f} ({_interval(ranks[:, k])}; {np.median(ranks[:, k]):.0f}) "
            f"[{alls[:, k].mean():.0f}], {100 * regrets[:, k].mean():.3f}"
            for k in range(len(heads))
        ]
        chosen = ", ".join(f"{key} {value}" for key, value in item["parameters"].items()) or "none"
        lines.append(f"| {name} | {chosen} | " + " | ".join(cells) + " |")
    expected = [f"{(costs['networks'] + 1) / (budget + 1):.1f}" for budget in study.budgets]
    lines.append("| random, by (N + 1) / (n + 1) | | " + " | ".join(expected) + " |")
    return lines


def _contrasts(study: Study, found: dict[str, Item]) -> list[str]:
    # Higher is better in `contrasts`.
    values = {name: -100 * np.array(item["regret"]) for name, item in found.items()}
    pairs = [(_OURS, rival) for rival in values if rival != _OURS]
    budgets = tuple(float(budget) for budget in study.budgets)
    lines = ["| | evaluations | points | 95 % interval | p after Holm |", "|---|---|---|---|---|"]
    if _OURS not in values:
        return []
    lines += [
        f"| {row.ours} less {row.rival} | {row.budget:.0f} | {row.mean:+.3f} | {row.low:+.3f} to "
        f"{row.high:+.3f} | {row.p:.2g} |"
        for row in contrasts(values, pairs, budgets, np.random.default_rng(0))
    ]
    return lines


def _ladder(ladder: Item) -> list[str]:
    lines = [
        f"{ladder['bases']} bases with a network of 1.5 times the depth in the table; chosen by one "
        "training, judged by the two others (mean accuracy of both scaling stages):",
        "",
        "| chosen by training | joint | S0 alone | all bases | joint less alone |",
        "|---|---|---|---|---|",
    ]
    for row in ladder["choices"]:
        joint, alone, average = (100 * row[key] for key in ("joint", "alone", "average"))
        lines.append(
            f"| {row['training']} | {joint:.2f} % | {alone:.2f} % | {average:.2f} % | {joint - alone:+.2f} |"
        )
    lines += [
        "",
        "The same with two trainings of a base on either side, S0 and S1 or S0 twice, judged by the third:",
        "",
        "| judged by training | joint | S0 alone | joint less alone |",
        "|---|---|---|---|",
    ]
    for row in ladder["equal_choices"]:
        joint, alone = 100 * row["joint"], 100 * row["alone"]
        lines.append(f"| {row['training']} | {joint:.2f} % | {alone:.2f} % | {joint - alone:+.2f} |")
    return lines


def _interval(values: np.ndarray) -> str:
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (_RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{low:.1f} to {high:.1f}"
