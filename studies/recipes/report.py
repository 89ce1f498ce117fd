"""The table of the recipes as Markdown."""

from __future__ import annotations

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.formatting import MISSING
from studies.common.items import Item, Items
from studies.recipes.study import Study, member_item


def markdown(study: Study, items: Items) -> str:
    """Test accuracies of each recipe, with the distance from `default`, over the seeds that both have.

    Raises:
      ScaleNetError: If no member of the recipe `default` is trained yet.
    """
    reference = {stage: _by_seed(study, items, "default", stage) for stage in study.stages}
    if not any(reference.values()):
        raise ScaleNetError(
            "a report needs members trained by the recipe `default`. Continue the study with: "
            "python -m studies.recipes run"
        )
    heads = [head for stage in study.stages for head in (f"S{stage}", "seeds", "CPU s")]
    lines = ["| recipe | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for recipe in study.recipes:
        found = {stage: _by_seed(study, items, recipe, stage) for stage in study.stages}
        if any(found.values()):
            cells = [cell for stage in study.stages for cell in _cells(found[stage], reference[stage])]
            lines.append(f"| {recipe} | " + " | ".join(cells) + " |")
    first = {stage: next(iter(members.values())) for stage, members in reference.items() if members}
    epochs = [f"{item['epochs']} (S{stage})" for stage, item in first.items()]
    note = f"Test accuracy; in parentheses, points above `default`. Epochs: {', '.join(epochs)}."
    return "\n".join([*lines, "", note])


def _by_seed(study: Study, items: Items, recipe: str, stage: int) -> dict[int, Item]:
    found = {seed: items.get(member_item(recipe, stage, seed)) for seed in range(study.seeds)}
    return {seed: item for seed, item in found.items() if item is not None}


def _cells(found: dict[int, Item], reference: dict[int, Item]) -> tuple[str, str, str]:
    """Accuracy, seeds and CPU seconds, over the seeds that both have."""
    seeds = [seed for seed in found if seed in reference]
    if not seeds:
        return MISSING, "0", MISSING
    accuracy = np.mean([found[seed]["test"] for seed in seeds])
    gain = np.mean([found[seed]["test"] - reference[seed]["test"] for seed in seeds])
    seconds = np.mean([found[seed]["cpu_seconds"] for seed in seeds])
    gained = "" if found == reference else f" ({100 * gain:+.2f})"
    return f"{100 * accuracy:.2f} %{gained}", str(len(seeds)), f"{seconds:.0f}"
