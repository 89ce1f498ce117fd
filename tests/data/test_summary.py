"""The one line about a set of images."""

from __future__ import annotations

import numpy as np

from scalenet_tf.data.summary import stored_images, summary
from scalenet_tf.run.data_info import DataInfo, StoredImages


def info(**changes: object) -> DataInfo:
    values = {
        "channels": 3,
        "classes": 2,
        "labels": ("Ants", "Symbols"),
        "image_size": 64,
        "counts": {"train": 3000, "validation": 500, "test": 460},
        "digest": "0",
        "stored": StoredImages(smallest=48, largest=4032, middle=900, grey=35, transparent=0, turned=0),
    }
    return DataInfo.model_validate(values | changes)


def test_the_line_says_what_becomes_of_the_images() -> None:
    assert summary(info(), np.array([3790, 170]), "white") == (
        "3,960 images, 2 classes, 64 x 64 (resized from 48 … 4032 px), colour; 35 grey converted; smallest "
        "class 170 (Symbols)"
    )
    stored = StoredImages(smallest=64, largest=64, middle=64, grey=3960, transparent=7, turned=2)
    assert summary(info(channels=1, stored=stored, skipped=3), np.array([1, 3959]), "#102030") == (
        "3,960 images, 2 classes, 64 x 64, grey; 7 transparent laid over #102030; 2 turned by their EXIF "
        "orientation; 3 that cannot be decoded left out; smallest class 1 (Ants)"
    )
    grey = summary(info(channels=1), np.array([2, 3]), "white")
    assert "grey; 3,925 coloured converted" in grey


def test_what_is_stored_is_counted_over_all_parts() -> None:
    found = stored_images([np.array([[10, 20, 1, 1], [30, 8, 4, 6]]), np.array([[50, 60, 2, 1]])])
    assert found == StoredImages(smallest=8, largest=60, middle=10, grey=2, transparent=2, turned=1)


def test_facts_of_earlier_runs_have_no_counts() -> None:
    earlier = info(stored=None)
    assert "stored" not in earlier.model_dump_json()
    assert summary(earlier, np.array([2, 3]), "white").startswith(
        "3,960 images, 2 classes, 64 x 64; smallest"
    )
