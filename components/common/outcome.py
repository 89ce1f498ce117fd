"""The result that an executor returns to its component."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scalenet_tf.utils import files

Values = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """The result of an executor.

    Attributes:
      metadata: Metadata of the main output.
      metrics: Metrics by name.
      blessing: Metadata of the blessing, from Evaluator only.
      stages: Scaling stages of the members, S0 first, from ScalingExtrapolator only.
    """

    metadata: Values
    metrics: dict[str, float] = field(default_factory=dict)
    blessing: Values = field(default_factory=dict)
    stages: tuple[int, ...] = ()


def write_metrics(path: str, metrics: dict[str, float]) -> dict[str, float]:
    """Writes metrics to the file of their artifact, which KFP's local cache requires, and returns them."""
    if metrics:  # only the chief of several workers has metrics
        files.write_json(path, metrics)
    return metrics
