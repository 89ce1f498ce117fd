"""data.json: the facts of a data set that networks, results and reports need."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.class_name import ClassNames
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there

TEST = "test"


class StoredImages(Value):
    """Counts and sizes of the image files of a set, before they are resized and converted.

    Attributes:
      smallest: Shortest side in pixels.
      largest: Longest side in pixels.
      middle: Median of the shorter sides in pixels.
      grey: Number of images without colour.
      transparent: Number of images with alpha.
      turned: Number of images that their EXIF orientation turns.
    """

    smallest: int
    largest: int
    middle: int
    grey: int
    transparent: int
    turned: int


class DataInfo(SparseValue, FileValue):
    """Facts of a loaded data set.

    Attributes:
      channels: Number of image channels, 1 (grey) or 3 (colour).
      classes: Number of classes.
      labels: Name of each class.
      image_size: Side of the stored, square images in pixels.
      counts: Number of images in "train", "validation" and "test" that can be decoded.
      digest: SHA-256 of the training and validation images and their labels, if they are kept in memory, or
        of the names and sizes of their files; and of the names and sizes of the test files.
      training_digest: SHA-256 of the training and validation images alone; None for the bundled images and in
        runs of earlier versions.
      skipped: Number of images that are left out because they cannot be decoded. In runs of earlier versions,
        those of the test split are in `counts` instead.
      stored: Counts and sizes of all image files; None for the bundled images and in runs of earlier
        versions.
      class_counts: Number of images of each class, by split; None in runs of earlier versions.

    Example:
      >>> DataInfo.model_validate_json(info.model_dump_json()) == info
      True
    """

    layout: ClassVar[int | None] = None
    optional: ClassVar[frozenset[str]] = frozenset({"training_digest", "stored", "class_counts"})

    channels: int
    classes: int
    labels: ClassNames
    image_size: int
    counts: dict[str, int]
    digest: str
    training_digest: str | None = None
    skipped: int = Field(default=0, ge=0)
    stored: StoredImages | None = None
    class_counts: dict[str, tuple[int, ...]] | None = None

    @property
    def sizes_differ(self) -> bool:
        """Whether images are stored in several sizes, as far as it is known."""
        return self.stored is not None and self.stored.smallest != self.stored.largest


def sizes_in_words(info: DataInfo) -> str:
    """Returns the sizes of the images as they are stored, such as "28 x 28" or "36 … 96"."""
    if info.stored is None or not info.sizes_differ:
        return f"{info.image_size} x {info.image_size}"
    return f"{info.stored.smallest} … {info.stored.largest}"


def colour_in_words(channels: int) -> str:
    """Returns "grey" for one channel, "colour" for three, otherwise their number."""
    return {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")


def changed_facts(begun: DataInfo, now: DataInfo) -> list[str]:
    """Returns the names of the facts in which the data of a run differ from those that it began with.

    Args:
      begun: Facts in data.json.
      now: Facts of the images as they are.

    Returns:
      "test" alone if only the test split differs; none if all images are the same.
    """
    split = [name for name in ("channels", "classes", "labels", "image_size") if _differ(begun, now, name)]
    counted = [name for name in ("train", "validation") if begun.counts[name] != now.counts[name]]
    if not split and not counted:
        if begun.digest == now.digest:
            return []  # Earlier versions counted test images that cannot be decoded.
        if begun.training_digest is not None and begun.training_digest == now.training_digest:
            return [TEST]
    counts = ["counts"] if begun.counts != now.counts else []
    return [*split, *counts, *(["digest"] if begun.digest != now.digest else [])]


def _differ(begun: DataInfo, now: DataInfo, name: str) -> bool:
    return bool(getattr(begun, name) != getattr(now, name))


def read_data_info(run: RunFolder | str | Path) -> DataInfo | None:
    """Reads data.json.

    Args:
      run: The run, or its path.

    Returns:
      The facts of the data, or None if no job step has read the images yet.

    Raises:
      ScaleNetError: If there is no run at the path, or the file is damaged.
    """
    run = given_folder(run)
    advice = "Put it back as it was, or remove it: the next step that reads the images writes it again."
    return read_if_there(run.data_file, DataInfo, advice)
