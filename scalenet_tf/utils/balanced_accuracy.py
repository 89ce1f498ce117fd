"""Balanced accuracy: the mean over classes, so that a rare class counts as much as a frequent one."""

from __future__ import annotations

from collections.abc import Iterable


def balanced_accuracy(of_class: Iterable[float | None]) -> float:
    """Mean of the accuracies of the classes, 0 to 1; None, of a class without images, does not count."""
    known = [share for share in of_class if share is not None]
    return sum(known) / len(known)
