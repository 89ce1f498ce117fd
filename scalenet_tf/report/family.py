"""The family as a table: one row a member, from family.json and each member's own files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.run.family import Member, read_family
from scalenet_tf.run.metrics import read_metrics
from scalenet_tf.space import Scaling


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
    family = read_family(run)
    return [_row(run, member) for member in family.members] if family else []


def _row(run: Run, member: Member) -> FamilyRow:
    metrics = read_metrics(run, member.stage)
    latency = metrics.environment.latency_ms if metrics else None
    saved_model = run.member_files(member.stage).saved_model
    return FamilyRow(
        name=member.name,
        stage=member.stage,
        scaling=member.scaling,
        num_blocks=member.num_blocks,
        macs=member.macs,
        parameters=member.parameters,
        peak_memory=peak_memory(member.subnet),
        gap=member.gap,
        origin=member.origin,
        search_score=member.search_score,
        validation_accuracy=metrics.validation_accuracy if metrics else None,
        test_accuracy=metrics.test_accuracy if metrics else None,
        latency_ms=latency[1] if latency else None,
        saved_model=saved_model if (saved_model / "saved_model.pb").is_file() else None,
    )
