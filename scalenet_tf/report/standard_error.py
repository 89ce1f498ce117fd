"""The standard error of an accuracy, and the members that it does not tell apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from scalenet_tf.report.family import FamilyRow


def standard_error(accuracy: float, images: int) -> float:
    """Standard error of an accuracy over independent images, sqrt(p · (1 - p) / n).

    An accuracy of 0 or 1 has that of the nearest one by Laplace's rule of succession, 1 / (n + 2) from there.

    Args:
      accuracy: 0 to 1.
      images: Number of images.

    Example:
      >>> round(standard_error(0.9, 1000), 4)
      0.0095
    """
    least = 1 / (images + 2)
    return _error_of_share(min(max(accuracy, least), 1 - least), images)


def error_of(row: FamilyRow) -> float | None:
    """Standard error of a member's test accuracy; None if the number of images is not known."""
    if row.test_accuracy is None or not row.test_images:
        return None
    return standard_error(row.test_accuracy, row.test_images)


def difference_error(first: FamilyRow, second: FamilyRow) -> float | None:
    """Standard error of the difference of two members' test accuracies, taken as independent.

    Returns:
      The error, larger than that of each accuracy; None if the number of images is not known.

    Example:
      >>> difference_error(*family_rows(run)[:2])
    """
    one, other = error_of(first), error_of(second)
    return None if one is None or other is None else math.hypot(one, other)


def level_with_previous(rows: Sequence[FamilyRow]) -> set[str]:
    """Names of the members whose test accuracy differs from that of the member before by less than its error.

    The error is that of a difference of two independent accuracies. Two members that are tested on the same
    images often err together, so that they may differ more clearly than this says.
    """
    found = set()
    for first, second in pairwise(rows):
        error = difference_error(first, second)
        if error is not None and _gap(first, second) < error:
            found.add(second.name)
    return found


def chance(row: FamilyRow) -> float | None:
    """Balanced accuracy of any constant answer: one in the number of classes that have test images."""
    sizes = _tested(row)
    return 1 / len(sizes) if sizes else None


def at_chance(row: FamilyRow) -> bool:
    """Whether a member cannot be told from naming classes at random, by two standard errors.

    It is told from the mean accuracy of the classes. Small classes make its error larger than that of an
    accuracy.
    """
    constant = chance(row)
    if row.balanced_accuracy is None or constant is None or len(_tested(row)) < 2:
        return False
    errors = [_error_of_share(constant, images) for images in _tested(row)]
    return row.balanced_accuracy < constant + 2 * math.hypot(*errors) / len(errors)


def _error_of_share(share: float, images: int) -> float:
    return math.sqrt(share * (1 - share) / images)


def _tested(row: FamilyRow) -> list[int]:
    """Numbers of test images of the classes that have some."""
    return [images for images in row.class_images or () if images]


def _gap(first: FamilyRow, second: FamilyRow) -> float:
    return abs((second.test_accuracy or 0.0) - (first.test_accuracy or 0.0))
