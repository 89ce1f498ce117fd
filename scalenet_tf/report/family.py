"""The family as a table: one row a member, from family.json and each member's own files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.space import Scaling, Subnet
from scalenet_tf.utils.files import read_json


@dataclass(frozen=True)
class FamilyRow:
    """One member; what is not there yet is None.

    Attributes:
      peak_memory: Bytes of activations at the worst moment, for one float32 image.
      gap: Relative distance of `macs` from growth^stage times the base's.
      latency_ms: Median milliseconds of one image through the exported model.
    """

    name: str
    stage: int
    scaling: Scaling
    num_blocks: int
    macs: int
    parameters: int
    peak_memory: int
    gap: float
    origin: str
    search_score: float | None
    validation_accuracy: float | None
    test_accuracy: float | None
    latency_ms: float | None
    saved_model: Path | None


def family_rows(run: Run) -> list[FamilyRow]:
    """The members of a run, S0 first; none where the family is not settled yet."""
    if not run.family_file.is_file():
        return []
    return [_row(run, member) for member in read_json(run.family_file)["members"]]


def _row(run: Run, member: dict[str, Any]) -> FamilyRow:
    folder = run.member(member["stage"])
    metrics = read_json(folder / "metrics.json") if (folder / "metrics.json").is_file() else {}
    saved_model = folder / "saved_model" / "1"
    return FamilyRow(
        name=member["name"],
        stage=member["stage"],
        scaling=Scaling.model_validate(member["scaling"]),
        num_blocks=member["num_blocks"],
        macs=member["macs"],
        parameters=member["parameters"],
        peak_memory=peak_memory(Subnet.model_validate(member["subnet"])),
        gap=member["gap"],
        origin=member["origin"],
        search_score=member.get("search_score"),
        validation_accuracy=metrics.get("validation_accuracy"),
        test_accuracy=metrics.get("test_accuracy"),
        latency_ms=metrics.get("environment", {}).get("latency_ms", {}).get("1"),
        saved_model=saved_model if (saved_model / "saved_model.pb").is_file() else None,
    )
