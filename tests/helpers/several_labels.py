"""Images that have several classes at once, which a tiny network can learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

NAMES = ("left", "right", "below")
_PLACES = ((slice(0, 6), slice(0, 6)), (slice(0, 6), slice(6, 12)), (slice(6, 12), slice(3, 9)))


def bright_corners(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns grey images uint8 [N, 12, 12, 1] and multi-hot labels [N, 3]: a bright part for each class."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((count, 3)) < (0.5, 0.4, 0.25)).astype(np.int64)
    images = rng.integers(0, 90, (count, 12, 12, 1))
    for number, (rows, columns) in enumerate(_PLACES):
        images[:, rows, columns] += 140 * labels[:, number, None, None, None]
    return images.astype(np.uint8), labels


def write_labelled_folder(folder: Path, count: int, seed: int = 0, split: bool = False) -> Path:
    """Writes such images below a folder, in two folders of no meaning, and their labels.csv."""
    images, labels = bright_corners(count, seed)
    lines = ["file,labels" + (",split" if split else "")]
    for number, (image, own) in enumerate(zip(images, labels, strict=True)):
        name = f"{'ab'[number % 2]}/{number}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(tf.io.encode_png(image).numpy())
        present = ";".join(label for label, there in zip(NAMES, own, strict=True) if there)
        lines.append(f"{name},{present}" + (f",{('train', 'val', 'test')[number % 3]}" if split else ""))
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder
