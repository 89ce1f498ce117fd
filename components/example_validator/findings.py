"""Findings about the records of a data set, and the anomalies that follow from them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.common.log import logged
from scalenet_tf.data.decoder import DECODER
from scalenet_tf.data.pipeline_options import PARALLEL, untuned
from scalenet_tf.utils.shown import first_few


@dataclass
class Findings:
    """Findings about the records of all splits.

    Attributes:
      counts: For each split, the number of images of each class.
      images: For each split, the number of its images.
      corrupt: Names of images that cannot be decoded.
      locations: For each image, by the digest of its content, the splits and names where it occurs.
    """

    counts: dict[str, np.ndarray] = field(default_factory=dict)
    images: dict[str, int] = field(default_factory=dict)
    corrupt: list[str] = field(default_factory=list)
    locations: dict[bytes, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def leaks(self) -> list[str]:
        """One line for each image that occurs in several splits."""
        return [
            " = ".join(f"{split}: {name}" for split, name in locations)
            for locations in self.locations.values()
            if len({split for split, _ in locations}) > 1
        ]

    @property
    def repeated(self) -> int:
        """Number of images that occur again in the same split."""
        return sum(
            len(locations) - len({split for split, _ in locations}) for locations in self.locations.values()
        )


@dataclass(frozen=True)
class DataLimits:
    """The limits beyond which a finding is an anomaly; see the component."""

    smallest_class: int
    largest_imbalance: float
    most_corrupt: int
    most_leaks: int


def look(examples: Path, images: dict[str, int], classes: int) -> Findings:
    """Decodes and digests every image once.

    Two images are the same if their pixels are equal, or their bytes if they cannot be decoded: another
    compression does not hide a leak.

    Args:
      examples: Folder of the splits.
      images: Number of images expected in each split, for the progress.
      classes: Number of classes.
    """
    found = Findings()
    for split, total in images.items():
        counts = np.zeros(classes, np.int64)
        records = logged("example_validator", _images(examples / f"Split-{split}"), total, split=split)
        found.images[split] = 0
        for name, own, content, decoded in records:
            found.images[split] += 1
            counts[own[(own >= 0) & (own < classes)]] += 1
            if not decoded:
                found.corrupt.append(f"{split}: {name}")
            found.locations[content].append((split, name))
        found.counts[split] = counts
    return found


def notes(found: Findings, labels: list[str]) -> list[str]:
    """Returns a readable line for what may be trained on, but is worth knowing.

    A class that eval or test lacks is learnt, and counts in no accuracy there. Such splits may be a user's
    own, or, where images have several labels, at random.

    Args:
      found: The findings.
      labels: Names of the classes.
    """
    unseen = {split: _missing(counts, labels) for split, counts in found.counts.items() if split != "train"}
    return [
        f"missing class: {split} has no image of {first_few(missing)}, whose accuracy it cannot tell"
        for split, missing in unseen.items()
        if missing
    ]


def _missing(counts: np.ndarray, labels: list[str]) -> list[str]:
    """Returns the names of the classes without an image."""
    return [labels[index] for index in np.flatnonzero(counts == 0)]


def anomalies(found: Findings, labels: list[str], limits: DataLimits) -> list[str]:
    """Returns a readable line for each anomaly.

    Args:
      found: The findings.
      labels: Names of the classes.
      limits: Limits beyond which a finding is an anomaly.
    """
    wrong = []
    train = found.counts["train"]
    missing = _missing(train, labels)
    if missing:
        wrong.append(f"missing class: train has no image of {first_few(missing)}")
    small = [
        f"{labels[index]} ({train[index]})"
        for index in np.flatnonzero((train > 0) & (train < limits.smallest_class))
    ]
    if small:
        wrong.append(
            f"small class: train has fewer than {limits.smallest_class} images of {first_few(small)}"
        )
    present = train[train > 0]
    if len(present) and present.max() > limits.largest_imbalance * present.min():
        most, least = (
            labels[int(train.argmax())],
            labels[int(np.where(train > 0, train, train.max()).argmin())],
        )
        wrong.append(
            f"imbalance: train has {present.max()} images of {most} and {present.min()} of {least}, more "
            f"than {limits.largest_imbalance:g} to 1"
        )
    if len(found.corrupt) > limits.most_corrupt:
        wrong.append(f"corrupt: {len(found.corrupt)} images cannot be decoded: {first_few(found.corrupt)}")
    if len(found.leaks) > limits.most_leaks:
        wrong.append(f"leak: {len(found.leaks)} images stand in several splits: {first_few(found.leaks)}")
    return wrong


def _images(folder: Path) -> Iterator[tuple[str, np.ndarray, bytes, bool]]:
    """Yields (name, classes, digest of the content, whether it can be decoded) of each record."""
    for shard in sorted(folder.glob("*.gz")):
        records = tf.data.TFRecordDataset(str(shard), "GZIP").enumerate()
        decoded = untuned(records.interleave(_one, cycle_length=16, num_parallel_calls=PARALLEL))
        for number, example, whole, pixels in decoded.as_numpy_iterator():
            name = example["name"].decode(errors="backslashreplace") or f"record {number} of {shard.name}"
            content = repr(pixels.shape).encode() + pixels.tobytes() if whole else example["image"]
            yield name, np.unique(example["label"]), hashlib.sha256(content).digest(), bool(whole)


def _one(number: tf.Tensor, record: tf.Tensor) -> tf.data.Dataset:
    """(number, features, whether it can be decoded, pixels) of one record; many are decoded in parallel."""
    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.RaggedFeature(tf.int64),
        "name": tf.io.FixedLenFeature([], tf.string, ""),
    }
    example = tf.io.parse_single_example(record, features)
    image = tf.data.Dataset.from_tensors(example["image"])
    whole = image.map(lambda encoded: (True, DECODER.decode(encoded))).ignore_errors()
    broken = tf.data.Dataset.from_tensors((False, tf.zeros([0, 0, 0], tf.uint8)))
    # An image that cannot be decoded leaves `whole` empty, so that `broken` comes first.
    first = whole.concatenate(broken).take(1)
    return first.map(lambda whole, pixels: (number, example, whole, pixels))
