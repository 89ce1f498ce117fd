"""data.json: the facts of a data set that networks, results and reports need."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value_file import FileValue, read_if_there


class DataInfo(FileValue):
    """Facts of a loaded data set.

    Args:
      channels: 1 (grey) or 3 (colour).
      classes: Number of classes.
      labels: Name of each class.
      image_size: Side of the stored, square images in pixels.
      counts: Images of "train", "validation" and "test"; those of test before any is decoded.
      digest: SHA-256 of what is trained on: decoded images and labels where they are held in
        memory, names and sizes of the files otherwise; and of the test split's files.
      skipped: Images of train and validation that could not be decoded and were left out.

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
    """Reads data.json; None where no step has read the images yet.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = "Put it back as it was, or remove it: the next step that reads the images writes it again."
    return read_if_there(run.data_file, DataInfo, advice)
