"""The rule for scores: what a search takes as an accuracy."""

from __future__ import annotations

import math

from scalenet_tf.errors import InvalidInputError


def checked_score(score: float) -> float:
    """Returns a score if it is an accuracy.

    Raises:
      ScaleNetError: If it is not a finite number in [0, 1].

    Example:
      >>> checked_score(0.87)
      0.87
    """
    if not math.isfinite(score) or not 0 <= score <= 1:
        raise InvalidInputError(f"a score must be an accuracy from 0 to 1. Received: {score!r}")
    return score
