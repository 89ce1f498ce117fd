"""What an executor hands to its component."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scalenet_tf.utils import files

Values = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """Metadata of the main output, metrics, and what a few components give besides.

    Attributes:
      blessing: Metadata of Evaluator's second output.
      stages: Of ScalingExtrapolator: the members' scaling stages, S0 first.
    """

    metadata: Values
    metrics: dict[str, float] = field(default_factory=dict)
    blessing: Values = field(default_factory=dict)
    stages: tuple[int, ...] = ()


def write_metrics(path: str, metrics: dict[str, float]) -> dict[str, float]:
    """Writes metrics as the file of their artifact, which KFP's local cache wants to find; returns them."""
    if metrics:  # a worker that is not the chief has none, and leaves the file to it
        files.write_json(path, metrics)
    return metrics
