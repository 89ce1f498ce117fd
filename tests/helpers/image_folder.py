"""A small folder of images, each with its own content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

LABELS = ("cat", "dog", "owl")


def write_folder(path: Path) -> Path:
    """Twelve train images and four test images of each class."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 12), ("test", 4)):
        for label in LABELS:
            folder = path / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                write_image(folder / f"{number:02}.png", rng.integers(0, 256, (12, 12, 3)))
    return path


def write_image(path: Path, pixels: np.ndarray, **how: int) -> None:
    path.write_bytes(tf.io.encode_png(tf.constant(pixels, tf.uint8), **how).numpy())
