"""The best family among the networks that a search has scored."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import BaseArchitecture, SearchSpace


class BestFamily:
    """Collects scores by base and scaling stage, and names the best family.

    Args:
      space: The space that is searched.
      stage: Scaling stage that is searched on its own. None: all stages, with one base for all of them.
    """

    def __init__(self, space: SearchSpace, stage: int | None) -> None:
        self._alone = stage
        self._stages = range(len(space.menus)) if stage is None else [len(space.menus) - 1]
        self._best: dict[BaseArchitecture, dict[int, tuple[float, Evaluation]]] = defaultdict(dict)

    def add(self, evaluation: Evaluation, score: float) -> None:
        """Adds the score of a network."""
        known = self._best[evaluation.base]
        if evaluation.scaling_stage not in known or score > known[evaluation.scaling_stage][0]:
            known[evaluation.scaling_stage] = score, evaluation

    @property
    def complete(self) -> bool:
        """Whether some base has a score in every stage."""
        return any(len(known) == len(self._stages) for known in self._best.values())

    def best(self) -> list[dict[str, Any]]:
        """The base with the highest mean score, with its best scaling of each stage.

        Returns:
          A JSON object per stage, S0 first.
        """
        families = [known for known in self._best.values() if len(known) == len(self._stages)]
        chosen = max(families, key=lambda known: float(np.mean([score for score, _ in known.values()])))
        stages = {stage: stage if self._alone is None else self._alone for stage in self._stages}
        return [member(name, *chosen[stage]) for stage, name in stages.items()]


def member(stage: int, score: float, evaluation: Evaluation) -> dict[str, Any]:
    """A member that a search found, as a JSON object."""
    return {
        "stage": stage,
        "base": evaluation.base.model_dump(mode="json"),
        "scaling": evaluation.scaling.model_dump(mode="json"),
        "subnet": evaluation.subnet.model_dump(mode="json"),
        "macs": evaluation.macs,
        "score": score,
    }
