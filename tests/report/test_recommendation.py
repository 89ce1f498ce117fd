"""The recommended member, for limits and by the standard error."""

from __future__ import annotations

from dataclasses import replace

from scalenet_tf.config import Task
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.recommendation import Limits, recommend
from scalenet_tf.space import Scaling

NONE = Limits()


def family(*scores: float | None) -> list[FamilyRow]:
    """Members whose latency is 1, 2, … ms and size 10, 20, … bytes."""
    return [
        FamilyRow(
            name=f"s{stage}",
            stage=stage,
            scaling=Scaling.of(1, 1, 16),
            num_blocks=5,
            macs=100 * 2**stage,
            parameters=7,
            peak_memory=1,
            gap=0.0,
            origin="search",
            search_score=None,
            validation_accuracy=score,
            test_accuracy=score,
            balanced_accuracy=None,
            class_images=(100,) * 10,
            latency_ms=1.0 + stage,
            saved_model=None,
            size=10 * (stage + 1),
        )
        for stage, score in enumerate(scores)
    ]


def chosen(rows: list[FamilyRow], limits: Limits = NONE, images: int | None = 1000) -> str | None:
    found = recommend(rows, limits, images)
    assert found.reason.endswith(".")
    return found.row.name if found.row else None


def test_without_limits_it_is_the_smallest_within_one_standard_error() -> None:
    # sqrt(0.9 · 0.1 / 1000) is 0.95 points.
    assert chosen(family(0.88, 0.8904, 0.8906, 0.9)) == "s2"
    assert chosen(family(0.88, 0.8904, 0.8906, 0.9), images=10_000) == "s3"
    assert chosen(family(0.9, 0.7, 0.8)) == "s0"
    assert "(0.9 points with 1,000 images) of the best, 90.00 % of S3" in (
        recommend(family(0.88, 0.8904, 0.8906, 0.9), Limits(), 1000).reason
    )


def test_limits_leave_the_best_of_those_that_keep_to_them() -> None:
    rows = family(0.88, 0.8904, 0.8906, 0.9)
    assert chosen(rows, Limits(max_latency_ms=3)) == "s2"
    assert chosen(rows, Limits(max_bytes=20)) == "s1"
    assert chosen(rows, Limits(max_latency_ms=3, max_bytes=10)) == "s0"
    assert chosen(rows, Limits(max_latency_ms=100)) == "s3"


def test_it_says_that_nothing_keeps_to_the_limits_or_is_measured() -> None:
    rows = family(0.88, 0.9)
    found = recommend(rows, Limits(max_latency_ms=0.5, max_bytes=5), 1000)
    assert found.row is None
    assert found.reason == (
        "No member is within 0.5 ms for one image and 5 B. The smallest, S0, takes 1.00 ms and 10 B."
    )
    unmeasured = [replace(row, latency_ms=None) for row in rows]
    assert "export the members" in recommend(unmeasured, Limits(max_latency_ms=5), 1000).reason
    assert chosen([unmeasured[0], rows[1]], Limits(max_latency_ms=5)) == "s1"


def test_untrained_members_do_not_count() -> None:
    assert chosen(family(None, None)) is None
    assert recommend(family(0.5, None), NONE, 1000).reason == "S0 is the only trained member."


def test_a_score_without_a_standard_error_is_compared_as_it_is() -> None:
    rows = [replace(row, class_images=None, task=Task.multi_label) for row in family(0.899, 0.9)]
    assert chosen(rows) == "s1"
    assert chosen(family(0.899, 0.9), images=None) == "s1"


def test_an_accuracy_has_its_standard_error_even_if_the_test_images_are_not_known() -> None:
    assert chosen([replace(row, class_images=None) for row in family(0.899, 0.9)]) == "s0"
