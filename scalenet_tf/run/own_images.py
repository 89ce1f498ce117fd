"""images/images.json: what a run knows of the images that Python code passed, which it stores itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from scalenet_tf.run.layout import IMAGES_INFO, RunFolder
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_if_there


class OwnImages(SparseValue, FileValue):
    """The images that a run stores.

    Attributes:
      labels: Name of each class.
      counts: Number of images in "train" and, if they were passed, "validation" and "test".
      digest: SHA-256 of the images and labels of each split, in any order, and of the class names.
      pixels: Range of the values that were passed; "0..1" for floats that were multiplied by 255.
      plain_digest: The same as `digest` of images that are not encoded, which takes less time; None in runs
        of earlier versions.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"plain_digest"})

    labels: tuple[str, ...]
    counts: dict[str, int]
    digest: str
    pixels: Literal["0..255", "0..1"]
    plain_digest: str | None = None


def read_own_images(run: RunFolder) -> OwnImages | None:
    """Reads images.json.

    Args:
      run: The run.

    Returns:
      What the run stores, or None if its images are elsewhere.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    file = run.own_images / IMAGES_INFO
    return read_if_there(file, OwnImages, "Put it back, or start a new run.")
