"""Recommends a member, for limits of latency and size or by the standard error of the accuracies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.standard_error import standard_error
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.utils.formatting import memory, milliseconds, percent


@dataclass(frozen=True)
class Limits:
    """Limits of a device.

    Attributes:
      max_latency_ms: Most milliseconds for one image with the SavedModel, more than 0. Default: any.
      max_bytes: Most bytes of the SavedModel on disk, more than 0. Default: any.

    Raises:
      ScaleNetError: If a limit is not above 0.
    """

    max_latency_ms: float | None = None
    max_bytes: float | None = None

    def __post_init__(self) -> None:
        for name in ("max_latency_ms", "max_bytes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidInputError(f"`{name}` must be more than 0. Received: {value}")

    @property
    def given(self) -> bool:
        """Whether there is a limit."""
        return self.max_latency_ms is not None or self.max_bytes is not None

    def __str__(self) -> str:
        latency = [] if self.max_latency_ms is None else [f"{self.max_latency_ms:g} ms for one image"]
        size = [] if self.max_bytes is None else [memory(round(self.max_bytes))]
        return " and ".join(latency + size)

    def allow(self, row: FamilyRow) -> bool:
        """Whether a member is known to keep to the limits."""
        return _within(row.latency_ms, self.max_latency_ms) and _within(row.size, self.max_bytes)

    def measured(self, row: FamilyRow) -> bool:
        """Whether everything that is limited is known of a member."""
        latency = self.max_latency_ms is None or row.latency_ms is not None
        return latency and (self.max_bytes is None or row.size is not None)


@dataclass(frozen=True)
class Recommendation:
    """The member to take.

    Attributes:
      row: The member; None if none is trained, or none keeps to the limits.
      reason: Why, in whole sentences.
    """

    row: FamilyRow | None
    reason: str


def recommend(rows: Sequence[FamilyRow], limits: Limits, validation_images: int | None) -> Recommendation:
    """Recommends a member by its validation score, since the test images are there to measure the choice.

    With limits, it is the best one within them. Without, it is the member of the fewest multiply-adds whose
    score is within one standard error of the best: a larger one costs more, and is not clearly better.

    Args:
      rows: The family.
      limits: Limits of the device.
      validation_images: Number of validation images; None if not known.

    Example:
      >>> recommend(family_rows(run), Limits(max_latency_ms=5), 1000).row.name
      's2'
    """
    trained = [row for row in rows if row.validation_accuracy is not None]
    if not trained:
        return Recommendation(None, "No member is trained yet.")
    if limits.given:
        return _within_limits(trained, limits)
    best = max(trained, key=_score)
    if len(trained) == 1:
        return Recommendation(best, f"{_name(best)} is the only trained member.")
    score = f"validation {best.task.score}"
    # A mean average precision is no share of images, and has no standard error of this kind.
    if best.task is Task.multi_label or not validation_images:
        return Recommendation(best, f"{_name(best)} has the best {score}.")
    error = standard_error(_score(best), validation_images)
    least = min((row for row in trained if _score(row) >= _score(best) - error), key=lambda row: row.macs)
    within = f"one standard error ({100 * error:.1f} points with {validation_images:,} images)"
    if least == best:
        return Recommendation(
            best,
            f"{_name(best)} has the best {score}, and no member of fewer multiply-adds is within {within} "
            "of it.",
        )
    return Recommendation(
        least,
        f"{_name(least)} is the smallest member whose {score} is within {within} of the best, "
        f"{percent(best.validation_accuracy)} of {_name(best)}. Larger ones cost more and are not clearly "
        "better.",
    )


def recommendation_of(run: Run, limits: Limits) -> Recommendation:
    """Recommends a member of a run, see `recommend`.

    Args:
      run: Any run.
      limits: Limits of the device.
    """
    data = read_data_info(run)
    return recommend(family_rows(run), limits, data.counts.get("validation") if data else None)


def _within_limits(trained: Sequence[FamilyRow], limits: Limits) -> Recommendation:
    allowed = [row for row in trained if limits.allow(row)]
    if allowed:
        best = max(allowed, key=_score)
        score = f"validation {best.task.score}"
        return Recommendation(best, f"{_name(best)} has the best {score} of the members within {limits}.")
    measured = [row for row in trained if limits.measured(row)]
    if not measured:
        return Recommendation(
            None, f"No member can be compared with {limits}: export the members, which measures them."
        )
    least = min(measured, key=lambda row: row.macs)
    own = [milliseconds(least.latency_ms)] if limits.max_latency_ms is not None else []
    own += [memory(least.size)] if limits.max_bytes is not None else []
    return Recommendation(
        None, f"No member is within {limits}. The smallest, {_name(least)}, takes {' and '.join(own)}."
    )


def _within(value: float | None, limit: float | None) -> bool:
    return limit is None or (value is not None and value <= limit)


def _score(row: FamilyRow) -> float:
    return row.validation_accuracy or 0.0


def _name(row: FamilyRow) -> str:
    return row.name.upper()
