"""The table of the recipes as Markdown."""

from __future__ import annotations

import numpy as np

from scalenet_tf.errors import ScaleNetError
from studies.common.items import Item, Items
from studies.recipes.study import Study, member_item


def markdown(study: Study, items: Items) -> str:
    """Test accuracies of each recipe, with the distance from `default`, over the seeds that both have.

    Raises:
      ScaleNetError: If no member of the recipe `default` is trained yet.
    """
    heads = [f"S{stage}" for stage in study.stages]
    lines = [
        "| recipe | seeds | " + " | ".join(heads) + " | CPU s of " + " | CPU s of ".join(heads) + " |",
        "|---|---|" + "---|" * (2 * len(heads)),
    ]
    reference = _by_seed(study, items, "default")
    if not reference:
        raise ScaleNetError(
            "a report needs members trained by the recipe `default`. Continue the study with: "
            "python -m studies.recipes run"
        )
    for recipe in study.recipes:
        rows = {seed: row for seed, row in _by_seed(study, items, recipe).items() if seed in reference}
        if not rows:
            continue
        tests = _values(list(rows.values()), "test")
        others = _values([reference[seed] for seed in rows], "test")
        cells = [_accuracy(tests[:, n], others[:, n], recipe) for n in range(len(heads))]
        seconds = _values(list(rows.values()), "cpu_seconds").mean(axis=0)
        lines.append(
            f"| {recipe} | {len(rows)} | "
            + " | ".join([*cells, *(f"{value:.0f}" for value in seconds)])
            + " |"
        )
    epochs = [item["epochs"] for item in next(iter(reference.values()))]
    trained = " and ".join(f"{count} epochs ({head})" for count, head in zip(epochs, heads, strict=True))
    return "\n".join([*lines, "", f"Test accuracy; in parentheses, points above `default`. {trained}."])


def _by_seed(study: Study, items: Items, recipe: str) -> dict[int, list[Item]]:
    """The members of the seeds for which those of all stages are trained, S0 first."""
    found = {}
    for seed in range(study.seeds):
        members = items.get_all([member_item(recipe, stage, seed) for stage in study.stages])
        if members is not None:
            found[seed] = members
    return found


def _values(rows: list[list[Item]], key: str) -> np.ndarray:
    return np.array([[float(item[key]) for item in row] for row in rows])


def _accuracy(values: np.ndarray, others: np.ndarray, recipe: str) -> str:
    gain = "" if recipe == "default" else f" ({100 * (values - others).mean():+.2f})"
    return f"{100 * values.mean():.2f} %{gain}"
