"""Accuracy against the cost of the search, as a plot."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from studies.families.plan import SIDES
from studies.families.reached import Reached, at_random, by_rule, searched
from studies.families.study import Study

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def draw(study: Study, folder: Path, path: Path) -> None:
    """Each family a point, each side the line of its means; random families, which cost nothing, a level."""
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for side, colour in zip(SIDES, ("C0", "C1"), strict=True):
        rows = [searched(study, folder, side, budget) for budget in study.budgets]
        means = [(_costs(row).mean(), _accuracies(row).mean()) for row in rows if row]
        axes.plot(*np.array(means).T.reshape(2, -1), color=colour, label=side)
        for row in rows:
            axes.plot(_costs(row), _accuracies(row), ".", color=colour, alpha=0.6)
    rule, chance = by_rule(study, folder), at_random(study, folder)
    if rule:
        axes.plot(_costs(rule), _accuracies(rule), "x", color="C2", label="compound rule")
    if chance:
        level = float(_accuracies(chance).mean())
        axes.axhline(level, color="gray", linewidth=0.8, linestyle="--", label="random, mean")
    axes.set(xlabel="multiply-adds of the search", ylabel="mean test accuracy of the family, %", xscale="log")
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def _costs(families: list[Reached]) -> np.ndarray:
    return np.array([one.search_macs for one in families])


def _accuracies(families: list[Reached]) -> np.ndarray:
    return 100 * np.array([np.mean(one.accuracies) for one in families])
