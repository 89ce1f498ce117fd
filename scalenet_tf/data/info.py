"""What a data set is: the facts that networks, results and reports need of it."""

from __future__ import annotations

from pydantic import Field

from scalenet_tf.utils.value import Value


class Info(Value):
    """Facts of a loaded data set; goes to JSON and back (`data.json`).

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
      >>> Info.model_validate_json(info.model_dump_json()) == info
      True
    """

    channels: int
    classes: int
    labels: tuple[str, ...]
    image_size: int
    counts: dict[str, int]
    digest: str
    skipped: int = Field(default=0, ge=0)
