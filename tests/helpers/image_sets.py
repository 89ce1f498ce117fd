"""Images for tests, every one with its own content."""

from __future__ import annotations

import numpy as np

LABELS = ("cat", "dog", "owl")


def random_images(
    count: int, size: tuple[int, int] = (12, 12), channels: int = 3, seed: int = 0
) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *size, channels), np.uint8)
