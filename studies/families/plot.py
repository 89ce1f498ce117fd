"""A plot of accuracy against the cost of the search."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np

from studies.common.items import Items
from studies.families.labels import EFFICIENTNETS_RULE, LABELS
from studies.families.plan import KERAS_TUNERS, Way, budgets_of
from studies.families.study import Study
from studies.families.trained import TrainedFamily, compound_families, random_families, searched_families

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_CURVES: dict[Way, str] = {"joint": "C0", "independent": "C1"}  # by colour
_POINTS: tuple[Way, ...] = ("random-scores", "confirmed", *KERAS_TUNERS)


def draw(study: Study, items: Items, path: Path) -> None:
    """Draws a point per family, a line through the means of each way, and a level for random families.

    Args:
      study: The study.
      items: Its finished items.
      path: File to write, .svg or .png.
    """
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for way, colour in _CURVES.items():
        rows = [searched_families(study, items, way, budget) for budget in study.budgets]
        means = [(_costs(row).mean(), _accuracies(row).mean()) for row in rows if row]
        axes.plot(*np.array(means).T.reshape(2, -1), color=colour, label=LABELS[way])
        for row in rows:
            axes.plot(_costs(row), _accuracies(row), ".", color=colour, alpha=0.6)
    compound, random = compound_families(study, items), random_families(study, items)
    points = {EFFICIENTNETS_RULE: ("C3", compound)}
    for number, way in enumerate(_POINTS, start=4):
        (budget,) = budgets_of(study, way)
        points[LABELS[way]] = (f"C{number}", searched_families(study, items, way, budget))
    for label, (colour, families) in points.items():
        if families:
            axes.plot(_costs(families), _accuracies(families), "x", color=colour, label=label)
    if random:
        level = float(_accuracies(random).mean())
        axes.axhline(level, color="gray", linewidth=0.8, linestyle="--", label="random, mean")
    axes.set(xlabel="multiply-adds of the search", ylabel="mean test accuracy of the family, %", xscale="log")
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)


def _costs(families: list[TrainedFamily]) -> np.ndarray:
    return np.array([family.search_macs for family in families])


def _accuracies(families: list[TrainedFamily]) -> np.ndarray:
    return 100 * np.array([np.mean(family.accuracies) for family in families])
