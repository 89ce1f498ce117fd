"""The results of a study as Markdown."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from extrapolated.study import Study
from extrapolated.ways import networks
from scalenet_tf import files
from scalenet_tf.cost import cost
from scalenet_tf.scaling import scale
from scalenet_tf.search.settling import realised


def markdown(study: Study, folder: Path) -> str:
    """A row for each way and stage; random scalings are one row, the mean over all of them."""
    first = scale(study.space, study.base, study.scalings[0])
    rows: dict[tuple[str, str], list[tuple[Any, np.ndarray]]] = defaultdict(list)
    for stage, way, subnet in networks(study):
        found = [folder / "items" / f"{subnet.key}-{seed}.json" for seed in range(study.seeds)]
        scores = np.array([files.read_json(path)["accuracy"] for path in found if path.is_file()])
        if len(scores):
            rows[stage, way.rstrip("0123456789")].append((subnet, scores))
    lines = [
        "| stage | way | networks | depth / width / pixels, times the base's | MACs / target | test accuracy "
        "| less random |",
        "|---|---|---|---|---|---|---|",
    ]
    for (stage, way), trained in sorted(rows.items()):
        accuracy = _seeds(trained)
        shape = " / ".join(f"{np.mean(ratios):.2f}" for ratios in zip(*_ratios(trained, first), strict=True))
        target = study.space.budget.target(cost(first).macs, int(stage[1:]))
        share = np.mean([cost(subnet).macs / target for subnet, _ in trained])
        beside = _seeds(rows.get((stage, "random"), []))
        gain = accuracy.mean() - beside.mean() if len(beside) else float("nan")
        spread = f" (sd {100 * accuracy.std(ddof=1):.2f})" if len(accuracy) > 1 else ""
        reached = f"{100 * accuracy.mean():.2f} %{spread} | {100 * gain:+.2f}"
        lines.append(f"| {stage} | {way} | {len(trained)} | {shape} | {share:.3f} | {reached} |")
    return "\n".join(lines)


def _seeds(trained: list[tuple[Any, np.ndarray]]) -> np.ndarray:
    return np.concatenate([scores for _, scores in trained]) if trained else np.zeros(0)


def _ratios(trained: list[tuple[Any, np.ndarray]], first: Any) -> list[tuple[float, float, float]]:
    return [realised(subnet, first) for subnet, _ in trained]
