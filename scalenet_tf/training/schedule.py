"""The learning rate of a step."""

from __future__ import annotations

import math


def cosine_with_warmup(step: int, steps: int, peak: float, warmup: int) -> float:
    """Rises linearly from peak / warmup to `peak`, then falls to 0 by a cosine.

    Args:
      step: 0 to steps - 1.
      steps: All steps.
      peak: The largest learning rate.
      warmup: Steps of the rise; 0 for none.
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    share = (step - warmup) / max(1, steps - warmup)
    return 0.5 * peak * (1 + math.cos(math.pi * share))
