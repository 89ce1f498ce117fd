"""Images that Python code passes, as a run stores them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data
from scalenet_tf.data.given import GivenImages
from scalenet_tf.data.own_images import store_images
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.own_images import OwnImages
from tests.helpers.image_sets import random_images

IMAGES = random_images(6, channels=1)
NAMES = np.array(["dog", "cat"] * 3)


def store(
    folder: Path, data: GivenImages, test: GivenImages | None = None, names: list[str] | None = None
) -> OwnImages:
    given: dict[str, tuple[str, GivenImages]] = {"train": ("data", data)}
    if test is not None:
        given["test"] = ("test_data", test)
    return store_images(RunFolder(folder), given, names, replace=True)


def frames(images: np.ndarray) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((images, np.zeros(len(images), int)))


def test_numbers_beside_names_need_the_order_of_the_names(tmp_path: Path) -> None:
    numbers = (IMAGES, [0, 1] * 3)
    with pytest.raises(ScaleNetError, match=r"`test_data` has numbers .*, and `data` has names \(cat, dog\)"):
        store(tmp_path, (IMAGES, NAMES), numbers)
    stored = store(tmp_path, (IMAGES, NAMES), numbers, ["dog", "cat"])
    assert stored.labels == ("dog", "cat")
    assert store(tmp_path, (IMAGES, NAMES), (IMAGES, NAMES), ["dog", "cat"]) == stored
    with pytest.raises(
        ScaleNetError, match=r"`test_data` has classes with names \(cat, dog\), and `data` has"
    ):
        store(tmp_path, numbers, (IMAGES, NAMES))


def test_black_images_do_not_decide_the_range_of_the_pixels(tmp_path: Path) -> None:
    floats = IMAGES.astype(np.float32)
    floats[:2] = 0
    assert store(tmp_path / "wide", frames(floats)).pixels == "0..255"
    assert store(tmp_path / "wide", frames(floats).batch(3)) == store(tmp_path / "wide", (floats, [0] * 6))
    assert store(tmp_path / "unit", frames(floats / 255)).pixels == "0..1"
    assert store(tmp_path / "black", frames(0 * floats)).pixels == "0..1"
    with pytest.raises(ScaleNetError, match=r"pixels must be in 0\.\.1, as in the images before them"):
        store(tmp_path / "mixed", frames(np.concatenate([floats / 255, floats])))


def test_later_images_that_were_divided_by_255_are_refused_before_any_is_kept(tmp_path: Path) -> None:
    floats = IMAGES.astype(np.float32)
    for scaled in ((floats / 255, [0, 1] * 3), frames(floats / 255), frames(floats / 255).batch(4)):
        with pytest.raises(ScaleNetError, match=r"`test_data`: pixels must be in 0\.\.255, as .* by 255, or"):
            store(tmp_path / "run", (IMAGES, [0, 1] * 3), scaled)
        assert not (tmp_path / "run" / "images").exists()
    dark = np.concatenate([floats[:1] / 255, floats[1:]])  # one image of many may be nearly black
    for other in (dark, np.float32(floats > 90)):
        assert store(tmp_path / "run", (IMAGES, [0, 1] * 3), frames(other)).counts["test"] == 6
    assert store(tmp_path / "unit", frames(floats / 255), frames(floats / 255)).pixels == "0..1"


def test_no_images_are_no_test_split(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"`test_data` must hold images. Received none. Leave it out to"):
        store(tmp_path, (IMAGES, NAMES), (IMAGES[:0], NAMES[:0]))
    with pytest.raises(ScaleNetError, match=r"`data` must hold images. Received none.$"):
        store(tmp_path, (IMAGES[:0], NAMES[:0]))


def test_images_in_another_order_are_split_alike(tmp_path: Path) -> None:
    images, labels = random_images(90, channels=1), np.arange(90) % 3
    images[3:6] = images[:3]  # the same record twice
    order = np.random.default_rng(1).permutation(90)
    found = []
    for name, rows in (("first", np.arange(90)), ("second", order)):
        assert store(tmp_path / name, (images[rows], labels[rows])).counts == {"train": 90}
        config = DataConfig(source=f"tfrecord:{RunFolder(tmp_path / name).own_images}", train_images=30)
        data = load_data(config, seed=3)
        batches = data.training_batches(batch_size=8, seed=0, resolutions=[12] * 3)
        found.append([data.examples(split).take(np.arange(9)) for split in ("train", "validation", "test")])
        found[-1] += [part for batch in batches.as_numpy_iterator() for part in batch]
    assert len(found[0]) == 9  # three splits, and images and labels of three batches
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert sorted(path.name for path in (tmp_path / "first" / "images").iterdir()) == [
        *("Split-train", "images.json", "labels.txt")
    ]


def test_images_of_several_sizes_are_stored(tmp_path: Path) -> None:
    images = [random_images(1, size, 3, seed)[0] for seed, size in enumerate(((12, 9), (7, 8)) * 3)]
    stored = store(tmp_path, (images, NAMES))
    assert (stored.counts, stored.labels) == ({"train": 6}, ("cat", "dog"))
    assert store(tmp_path, (images[::-1], NAMES[::-1])) == stored
