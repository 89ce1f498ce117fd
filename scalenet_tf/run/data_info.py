"""data.json: the facts of a data set that networks, results and reports need."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value_file import FileValue, read_if_there


class DataInfo(FileValue):
    """Facts of a loaded data set.

    Attributes:
      channels: Number of image channels, 1 (grey) or 3 (colour).
      classes: Number of classes.
      labels: Name of each class.
      image_size: Side of the stored, square images in pixels.
      counts: Number of images in "train", "validation" and "test". Corrupt test images are included, because
        the test split is not decoded until it is used.
      digest: SHA-256 of the training and validation images and their labels, if they are kept in memory, or
        of the names and sizes of their files; and of the names and sizes of the test files.
      skipped: Number of training and validation images that were left out because they cannot be decoded.

    Example:
      >>> DataInfo.model_validate_json(info.model_dump_json()) == info
      True
    """

    layout: ClassVar[int | None] = None

    channels: int
    classes: int
    labels: tuple[str, ...]
    image_size: int
    counts: dict[str, int]
    digest: str
    skipped: int = Field(default=0, ge=0)


def read_data_info(run: RunFolder) -> DataInfo | None:
    """Reads data.json.

    Args:
      run: The run.

    Returns:
      The facts of the data, or None if no job step has read the images yet.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    advice = "Put it back as it was, or remove it: the next step that reads the images writes it again."
    return read_if_there(run.data_file, DataInfo, advice)
