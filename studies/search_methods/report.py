"""The tables of the comparison as Markdown, and its plot."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from studies.common.statistics import contrasts, evaluations_to
from studies.search_methods.comparison import Comparison

matplotlib.use("Agg")
import matplotlib.pyplot as plt

plt.rcParams["svg.fonttype"] = "none"  # Text stays text.
_NEAR = 0.001  # A tenth of a point.
_POINTS = 60  # Points of a plotted curve.
_OURS, _INDEPENDENT = "mcea", "independent"


def markdown(comparison: Comparison) -> str:
    """Tables of the values, of their differences to our method's, and of the evaluations to the optimum."""
    score_table, study = comparison.table, comparison.study
    optimum = score_table.optimum()
    values = {
        name: np.array([comparison.at_budgets(curve) for curve in comparison.curves(name)])
        for name in comparison.methods
    }
    lines = [
        f"{len(score_table.states.bases)} bases, {score_table.states.count:,} states, "
        f"{score_table.size:,} subnets. The joint optimum is {_percent(optimum)}, that of a base for each "
        f"stage {_percent(score_table.independent_optimum())}.",
        "",
        "| method | parameters | "
        + " | ".join(f"{share:.0%} of the table" for share in study.budgets)
        + " |",
        "|---|---|" + "---|" * len(study.budgets),
    ]
    for name, table in values.items():
        chosen = ", ".join(f"{key} {value}" for key, value in comparison.tuned(name).items()) or "none"
        cells = [f"{_percent(column.mean())} (sd {100 * column.std(ddof=1):.2f})" for column in table.T]
        lines.append(f"| {name} | {chosen} | " + " | ".join(cells) + " |")
    lines += ["", "| | of the table | points | 95 % interval | p after Holm |", "|---|---|---|---|---|"]
    pairs = [(_OURS, rival) for rival in values if rival not in (_OURS, _INDEPENDENT)]
    for row in contrasts(values, pairs, study.budgets, np.random.default_rng(0)):
        compared = f"{row.ours} less {row.rival} | {row.budget:.0%}"
        interval = f"{100 * row.low:+.2f} to {100 * row.high:+.2f}"
        lines.append(f"| {compared} | {100 * row.mean:+.2f} | {interval} | {row.p:.2g} |")
    lines += [
        "",
        "| method | median evaluations to within 0.1 point | runs that got there |",
        "|---|---|---|",
    ]
    for name in comparison.methods:
        goal = score_table.independent_optimum() if name == _INDEPENDENT else optimum
        needed = [evaluations_to(curve, goal - _NEAR) for curve in comparison.curves(name)]
        median = float(np.median(needed))
        shown = f"{median:,.0f}" if np.isfinite(median) else "not within its evaluations"
        lines.append(f"| {name} | {shown} | {int(np.isfinite(needed).sum())} of {len(needed)} |")
    return "\n".join(lines)


def plot(comparison: Comparison, path: Path) -> None:
    """Plots value against evaluations: means over the seeds with 95 % bootstrap bands.

    Args:
      comparison: The comparison, all of it made.
      path: File to write, .svg or .png.
    """
    score_table = comparison.table
    most = comparison.evaluations(max(comparison.study.budgets) * 1.25)
    # A curve of every evaluation would make a file of ten thousand lines.
    x = np.unique(np.linspace(1, most, _POINTS).round().astype(int))
    rng = np.random.default_rng(0)
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for name in comparison.methods:
        rows = np.array([_until(curve, most) for curve in comparison.curves(name)])[:, x - 1]
        # Only where every seed has found a family: else the mean would favour the lucky ones.
        shown = ~np.isnan(rows).any(0)
        picks = rng.integers(0, len(rows), (500, len(rows)))
        low, high = np.quantile(rows[picks].mean(1)[:, shown], [0.025, 0.975], axis=0)
        (line,) = axes.plot(x[shown], 100 * rows.mean(0)[shown], label=name)
        axes.fill_between(x[shown], 100 * low, 100 * high, color=line.get_color(), alpha=0.2, linewidth=0)
    axes.axhline(
        100 * score_table.optimum(), color="black", linewidth=0.8, linestyle="--", label="joint optimum"
    )
    axes.axhline(
        100 * score_table.independent_optimum(),
        color="gray",
        linewidth=0.8,
        linestyle=":",
        label="a base a stage",
    )
    axes.set(xlabel="subnets scored", ylabel="mean accuracy of the family, %")
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _until(curve: np.ndarray, count: int) -> np.ndarray:
    """The first `count` values; a search that ended before keeps its last value."""
    return np.concatenate([curve, np.full(max(0, count - len(curve)), curve[-1])])[:count]


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %"
