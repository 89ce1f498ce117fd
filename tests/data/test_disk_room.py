"""Datasets whose length nobody knows."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.data.disk_room import within_disk
from scalenet_tf.data.given import GivenSplit
from scalenet_tf.data.records import EncodedImage
from scalenet_tf.data.sorted_records import write_sorted
from scalenet_tf.errors import ScaleNetError

Usage = namedtuple("Usage", "total used free")
BATCH = (np.zeros((1, 4, 4, 1)), np.zeros(1))


def split(batches: Iterator[tuple[np.ndarray, np.ndarray]], count: int | None) -> GivenSplit:
    """A split of the argument `data`."""
    return GivenSplit("data", batches, count, None)


@pytest.fixture
def almost_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with 1 % left."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 99 * 10**10, 10**10))


@pytest.mark.usefixtures("almost_full")
def test_an_endless_dataset_ends_before_the_disk_is_full(tmp_path: Path) -> None:
    message = r"`data` has given 1,000 batches, and only 10 GB .* Is it endless\? .*\.take\(batches\)"
    with pytest.raises(ScaleNetError, match=message):
        for _ in within_disk(split(repeat(BATCH), None), tmp_path):
            pass


@pytest.mark.usefixtures("almost_full")
@pytest.mark.parametrize(("length", "count"), [(999, None), (1001, 1001)])
def test_small_ones_and_those_of_known_length_are_stored(
    tmp_path: Path, length: int, count: int | None
) -> None:
    assert len(list(within_disk(split(repeat(BATCH, length), count), tmp_path))) == length


def test_with_room_a_dataset_may_be_of_any_length(tmp_path: Path) -> None:
    assert len(list(within_disk(split(repeat(BATCH, 2500), None), tmp_path))) == 2500


def test_images_that_find_no_room_for_their_second_copy_can_be_made_smaller_before_they_are_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - 10, 10))
    images = [EncodedImage(b"x" * 100, 0)] * 3
    with pytest.raises(ScaleNetError) as error:
        write_sorted(tmp_path / "Split-train", images, 2, [])
    assert "Make room, give a run on a larger disk, or pass smaller images" in str(error.value)
    assert "data.image_size" not in str(error.value)  # which changes nothing in how they are stored
