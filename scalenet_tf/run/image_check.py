"""image_check.json: which images of a run cannot be decoded, so that later processes need not decode all."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.value_file import FileValue, read_if_there


class ImageCheck(FileValue):
    """Result of decoding every image of all splits once.

    Attributes:
      files: Digest of the names, sizes and times of all files, of the splits, and of the images' format.
      corrupt: For "train", "validation" and "test", the rows of the source that cannot be decoded.
    """

    layout: ClassVar[int | None] = 1

    files: str
    corrupt: dict[str, tuple[int, ...]]


def read_image_check(file: Path | None) -> ImageCheck | None:
    """Reads image_check.json; None if there is none or it is damaged, since it only saves time."""
    if file is None:
        return None
    try:
        return read_if_there(file, ImageCheck, "Remove it.")
    except (ScaleNetError, OSError):
        return None
