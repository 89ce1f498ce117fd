"""The family as rows: one per member, from family.json and the member's own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.config import Task
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.run.exports import folder_bytes
from scalenet_tf.run.family import Member, read_family
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.run.profile import read_profile
from scalenet_tf.space import Scaling


@dataclass(frozen=True)
class FamilyRow:
    """One member; missing results are None.

    Attributes:
      name: Name of the member, for example "s0".
      stage: Scaling stage.
      scaling: Depth and width multipliers, and resolution in pixels.
      num_blocks: Number of blocks.
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
      peak_memory: Peak bytes of activations, for one float32 image.
      gap: Relative difference of `macs` to growth^stage times those of the base.
      origin: "search", "extrapolated" or "transferred".
      search_score: Score in the search, with shared weights, 0 to 1: accuracy, or for the task multi_label
        mean average precision, as the next two.
      validation_accuracy: Accuracy of the trained member on the validation split, 0 to 1.
      test_accuracy: Accuracy of the trained member on the test split, 0 to 1.
      balanced_accuracy: Mean accuracy of the classes on the test split, 0 to 1; None for multi_label.
      class_images: Number of test images of each class; None for multi_label, and where it is not known.
      latency_ms: Median milliseconds for one image with the SavedModel: of profile.json if it has all members
        that are exported, otherwise of the export.
      saved_model: Folder of the exported SavedModel.
      size: Bytes of the SavedModel on disk, without its warm-up requests.
      task: Task of the run.
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
    balanced_accuracy: float | None
    class_images: tuple[int, ...] | None
    latency_ms: float | None
    saved_model: Path | None
    size: int | None
    task: Task = Task.single_label

    @property
    def test_images(self) -> int | None:
        """Number of test images; None for multi_label, and where it is not known."""
        return None if self.class_images is None else sum(self.class_images)


def family_rows(run: Run | str | Path) -> list[FamilyRow]:
    """Returns a row for each member of a run, S0 first; none if there is no family yet.

    Args:
      run: Any run, or its path.

    Example:
      >>> [row.test_accuracy for row in family_rows("runs/first")]
    """
    run = given_run(run)
    family = read_family(run)
    if family is None:
        return []
    metrics = {stage: read_metrics(run, stage) for stage in family.stages}
    latencies, data = _latencies(run, metrics), read_data_info(run)
    return [
        _row(run, member, metrics[member.stage], latencies[member.stage], data) for member in family.members
    ]


def _latencies(run: Run, metrics: Mapping[int, Metrics | None]) -> dict[int, float | None]:
    """Returns the latency of each member, all measured alike.

    A profile is measured in processes of their own, with more care than the export takes; but members that it
    lacks were measured with other threads and images of other sizes.
    """
    exported = {
        stage: (found.environment.latency_ms or {}).get(1) if found else None
        for stage, found in metrics.items()
    }
    profile = read_profile(run)
    rows = [row for row in profile.rows if row.format == "saved_model"] if profile else []
    profiled = {row.stage: row.latency_ms[1].p50 for row in rows if 1 in row.latency_ms}
    needed = {stage for stage, latency in exported.items() if latency is not None}
    return {stage: profiled.get(stage) for stage in metrics} if needed <= profiled.keys() else exported


def _class_images(run: Run, metrics: Metrics, data: DataInfo | None) -> tuple[int, ...] | None:
    """Test images of each class; of many classes, whose confusions are left out, those that data.json has."""
    if run.config.task is Task.multi_label or metrics.class_images is not None:
        return metrics.class_images
    return data.class_counts.get("test") if data and data.class_counts else None


def _row(
    run: Run, member: Member, metrics: Metrics | None, latency: float | None, data: DataInfo | None
) -> FamilyRow:
    folder = run.member_files(member.stage).saved_model
    saved_model = folder if (folder / "saved_model.pb").is_file() else None
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
        balanced_accuracy=metrics.balanced_accuracy if metrics else None,
        class_images=_class_images(run, metrics, data) if metrics else None,
        latency_ms=latency,
        saved_model=saved_model,
        size=folder_bytes(saved_model) if saved_model else None,
        task=run.config.task,
    )
