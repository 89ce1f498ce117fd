"""Counts the kinds of image files in a set, and says in one line what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scalenet_tf.run.data_info import DataInfo, StoredImages


def stored_images(found: Sequence[np.ndarray]) -> StoredImages:
    """Counts what image files hold.

    Args:
      found: Height, width, channels and orientation of the files of each part, int32 [N, 4].
    """
    stored = np.concatenate(found)
    sides, channels = stored[:, :2], stored[:, 2]
    return StoredImages(
        smallest=int(sides.min()),
        largest=int(sides.max()),
        middle=int(np.median(sides.min(axis=1))),
        grey=int((channels <= 2).sum()),
        transparent=int((channels % 2 == 0).sum()),
        turned=int((stored[:, 3] > 1).sum()),
    )


def summary(info: DataInfo, class_counts: np.ndarray, background: str) -> str:
    """Returns a line about all images of a set.

    Args:
      info: Facts of the set.
      class_counts: Number of images of each class.
      background: Name of the colour that transparent images are laid over.

    Example:
      >>> summary(info, counts, "white")
      '3,960 images, 9 classes, 64 x 64 (resized from 48 … 4032 px), colour; 35 grey converted; smallest
      class 170 (Symbols)'
    """
    total, size = sum(info.counts.values()), info.image_size
    parts = [f"{total:,} images, {info.classes} classes, {size} x {size}"]
    found = info.stored
    if found is not None:
        if (found.smallest, found.largest) != (size, size):
            parts[0] += f" (resized from {found.smallest} … {found.largest} px)"
        colour = total - found.grey
        converted = found.grey if info.channels == 3 else colour
        parts[0] += f", {'colour' if info.channels == 3 else 'grey'}"
        if converted:
            parts.append(f"{converted:,} {'grey' if info.channels == 3 else 'coloured'} converted")
        if found.transparent:
            parts.append(f"{found.transparent:,} transparent laid over {background}")
        if found.turned:
            parts.append(f"{found.turned:,} turned by their EXIF orientation")
    if info.skipped:
        parts.append(f"{info.skipped:,} that cannot be decoded left out")
    least = int(class_counts.argmin())
    parts.append(f"smallest class {class_counts[least]:,} ({info.labels[least]})")
    return "; ".join(parts)
