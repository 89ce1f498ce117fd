"""A folder of photos of every format, size and channels is read as it is, and what became of it is said."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from scalenet_tf.config import DataConfig, load_config
from scalenet_tf.config.load_run import load_run_config
from scalenet_tf.config.source import parse_source
from scalenet_tf.data import DataSet, load_new_data, open_data, run_data
from scalenet_tf.data.decoder import Decoder
from scalenet_tf.data.fit import fitted
from scalenet_tf.data.load import load_checked
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from tests.helpers import mixed_images as mixed
from tests.helpers.image_sets import random_images

Write = Callable[..., Path]


def load(folder: Path, side: int | None = 16, **changes: object) -> DataSet:
    config = DataConfig.model_validate({"source": str(folder)} | changes)
    return load_checked(config, 0, side=side).data


def all_images(data: DataSet) -> dict[bytes, int]:
    """How often each image of a set is there."""
    found: dict[bytes, int] = {}
    for split in ("train", "validation", "test"):
        for images, _ in data.evaluation_batches(split, resolution=data.info.image_size, batch_size=9):
            for image in images.numpy():
                found[image.tobytes()] = found.get(image.tobytes(), 0) + 1
    return found


@pytest.mark.parametrize(("side", "kept"), [(56, 56), (57, 28), (400, 28)])
def test_squares_are_kept_up_to_twice_the_largest_resolution(tmp_path: Path, side: int, kept: int) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for number in range(4):
            image = tf.io.encode_png(np.full((side, side, 1), 40 * number, np.uint8))
            (tmp_path / label / f"{number}.png").write_bytes(image.numpy())
    assert load(tmp_path, side=28).info.image_size == kept
    assert load(tmp_path, side=28, image_size=90).info.image_size == 90
    assert load(tmp_path, side=None).info.image_size == side


@pytest.mark.parametrize("gigabytes", [0.0, pytest.param(1.0, marks=pytest.mark.slow)])
def test_photos_of_every_kind_just_work(
    tmp_path: Path, gigabytes: float, caplog: pytest.LogCaptureFixture
) -> None:
    total = mixed.write_mixed_folder(tmp_path)
    (tmp_path / "cat" / "phone.heic").write_bytes(b"heic")
    (tmp_path / "cat" / "notes.txt").write_text("notes")
    (tmp_path / "dog" / "later").mkdir()
    (tmp_path / "cover.jpg").write_bytes(mixed.table()["plain.jpg"])
    with caplog.at_level(logging.INFO, "scalenet_tf"):
        data = load(tmp_path, cache_gigabytes=gigabytes)
    assert sum(data.info.counts.values()) == total
    expected: dict[bytes, int] = {}
    for content in mixed.table().values():
        image = Decoder().decode(tf.constant(content), 3)[None]
        pixels = tf.round(fitted(image, 16, "crop"))[0].numpy().tobytes()
        expected[pixels] = expected.get(pixels, 0) + 2
    assert all_images(data) == expected
    assert (
        f"{total} images, 2 classes, 16 x 16 (resized from 24 … 36 px), colour; 14 grey converted; "
        "14 transparent laid over white; 2 turned by their EXIF orientation; smallest class 25 (cat)"
    ) in caplog.text
    assert (
        "not used: 1 .txt, 1 .heic, 1 without images (later/), 1 image outside of class folders"
    ) in caplog.text


def test_colour_is_taken_wherever_it_is_found(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path, 12, channels=1)
    assert load(tmp_path).info.channels == 1
    last = random_images(1, channels=3)[0]
    for label in ("cat", "dog", "owl"):
        (tmp_path / label / "zz.png").write_bytes(tf.io.encode_png(last).numpy())
    for gigabytes in (1.0, 0.0):
        info = load(tmp_path, cache_gigabytes=gigabytes).info
        assert (info.channels, info.image_size) == (3, 12)
        assert info.stored is not None and info.stored.grey == 36
    assert load(tmp_path, channels=1).info.channels == 1
    assert load(tmp_path, side=None).info.image_size == 12  # the sizes are the same


def test_sizes_that_differ_are_resized_to_the_largest_resolution(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path, 9)
    large = mixed.picture(31, 20)
    large.save(tmp_path / "cat" / "zz.jpg")
    assert load(tmp_path, side=14).info.image_size == 14
    assert load(tmp_path, side=14, image_size=11).info.image_size == 11
    with pytest.raises(ScaleNetError, match=r"`data\.image_size` is needed where sizes differ"):
        load(tmp_path, side=None)


def begin(tmp_path: Path, *given: str) -> Run:
    settings = [f"data.source={tmp_path / 'photos'}", "data.test_fraction=0.2", *given]
    return Run.open_or_create(tmp_path / "run", load_config("smoke", settings))


@pytest.mark.slow
@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_a_run_reads_the_same_images_when_it_goes_on(tmp_path: Path, gigabytes: float) -> None:
    mixed.write_mixed_folder(tmp_path / "photos")
    run = begin(tmp_path, f"data.cache_gigabytes={gigabytes}")
    assert parse_source(run.config.data.source) == ("folder", str(tmp_path / "photos"))
    run_data._load.cache_clear()
    first = open_data(run)
    side = max(side for menu in run.space().menus for side in menu.resolution)
    assert (first.info.channels, first.info.image_size) == (3, side)
    stored = first.info.stored
    assert stored is not None and (stored.smallest, stored.largest, stored.turned) == (24, 36, 2)
    run.supernet.mkdir()
    run_data._load.cache_clear()
    again = open_data(Run.open(run.path))
    assert again.info == first.info and all_images(again) == all_images(first)


def test_training_at_less_than_half_of_the_size_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for label in ("cat", "dog"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(5):
            image = Image.fromarray(np.full((200, 150, 3), 20 * number, np.uint8))
            image.save(tmp_path / "photos" / label / f"{number}.JPG")
    run_data._load.cache_clear()
    open_data(begin(tmp_path))
    assert "the images have 150 px (the median of their shorter sides), and are trained at" in caplog.text


def test_runs_of_earlier_versions_read_as_they_did(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    run = begin(tmp_path)
    text = run.config_file.read_text()
    young = ("reading", "channels", "background", "fit")
    kept = [line for line in text.splitlines() if not line.strip().startswith(tuple(f"{k}:" for k in young))]
    run.config_file.write_text("\n".join(kept) + "\n")
    data = load_run_config(run.config_file).data
    assert (data.reading, data.channels, data.fit) == ("plain", "auto", "squeeze")
    mixed.write_mixed_folder(tmp_path / "photos")
    for label in ("cat", "dog"):
        shutil.rmtree(tmp_path / "photos" / label / ("day 0" if label == "cat" else "day 1"))
    found = load_new_data(data.model_copy(update={"image_size": 12, "channels": 3}))
    direct = [f for f in (tmp_path / "photos").glob("*/*") if f.suffix.lower() in (".jpg", ".jpeg", ".png")]
    assert found.info.counts["test"] == len(direct)
    squeezed = {
        tf.round(fitted(Decoder(plain=True).decode(tf.constant(f.read_bytes()), 3)[None], 12, "squeeze"))[0]
        .numpy()
        .tobytes()
        for f in direct
    }
    images = {
        image.tobytes()
        for batch, _ in found.evaluation_batches("test", resolution=12, batch_size=9).as_numpy_iterator()
        for image in batch
    }
    assert images == squeezed
