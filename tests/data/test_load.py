from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from scalenet_tf.config import load_config
from scalenet_tf.data import load_data, open_data, run_data
from scalenet_tf.data.load import load_checked
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.image_sets import random_images

Write = Callable[..., Path]


def new_run(folder: Path, images: Path) -> Run:
    return Run.open_or_create(folder, load_config("smoke", [f"data.source=folder:{images}"]))


def in_a_new_process() -> None:
    run_data._load.cache_clear()


def test_the_data_are_decoded_once_in_a_process(tmp_path: Path, write_folder: Write) -> None:
    run = new_run(tmp_path / "run", write_folder(tmp_path / "images", 10))
    data = open_data(run)
    assert open_data(Run.open(run.path)) is data
    assert files.read_json(run.data_file) == data.info.model_dump(mode="json")


def test_images_that_take_the_place_of_others_are_read(tmp_path: Path, write_folder: Write) -> None:
    """As in a notebook: a run that is refused or removed, and other images at the same place."""
    images = write_folder(tmp_path / "images", 10)
    before = open_data(new_run(tmp_path / "run", images)).info
    shutil.rmtree(tmp_path / "run")
    shutil.rmtree(images)
    write_folder(tmp_path / "images", 20, seed=7)
    after = open_data(new_run(tmp_path / "run", images)).info
    assert after.counts["train"] > before.counts["train"] and after.digest != before.digest


@pytest.mark.parametrize("change", ["pixels", pytest.param("class", marks=pytest.mark.slow)])
def test_other_images_in_the_middle_of_a_run_are_refused(
    change: str, tmp_path: Path, write_folder: Write
) -> None:
    images = tmp_path / "images"
    write_folder(images / "train", 10)
    write_folder(images / "test", 2, seed=1)
    run = new_run(tmp_path / "run", images)
    open_data(run)
    run.supernet.mkdir()
    before = run.data_file.read_bytes()
    in_a_new_process()
    open_data(run)
    if change == "class":
        write_folder(images / "train", 10, seed=2, labels=("yak",))
    else:
        image = tf.io.encode_png(random_images(1, seed=77)[0]).numpy()
        (images / "train" / "dog" / "003.png").write_bytes(image)
    in_a_new_process()
    changed = {"class": "classes, labels, counts, digest", "pixels": "digest"}
    with pytest.raises(
        ScaleNetError, match=rf"was started with other images than .*they differ in: {changed[change]}\)"
    ):
        open_data(run)
    assert run.data_file.read_bytes() == before


@pytest.mark.parametrize("gigabytes", [1.0, pytest.param(0.0, marks=pytest.mark.slow)])
def test_the_same_images_in_another_folder_are_the_same_data(
    gigabytes: float, tmp_path: Path, write_folder: Write
) -> None:
    found = []
    for name in ("here", "over there"):
        write_folder(tmp_path / name / "train", 10)
        write_folder(tmp_path / name / "test", 2, seed=1)
        given = [f"data.source=folder:{tmp_path / name}", f"data.cache_gigabytes={gigabytes}"]
        found.append(load_data(load_config("smoke", given).data, 0).info)
    assert found[0] == found[1]


def test_a_run_that_was_begun_with_a_class_without_images_goes_on(
    tmp_path: Path, write_folder: Write
) -> None:
    images = write_folder(tmp_path / "images", 10)
    (images / "yak").mkdir()
    run = new_run(tmp_path / "run", images)
    with pytest.raises(ScaleNetError, match=r"none of 1 of 4 classes, 'yak'"):
        open_data(run)
    assert not run.data_file.is_file()
    begun = load_checked(run.config.data, run.config.seed, begun=True).data  # by an earlier version
    write_value(run.data_file, begun.info)
    (run.path / "supernet").mkdir()
    in_a_new_process()
    assert open_data(run).info == begun.info


def test_names_of_classes_that_were_stored_decomposed_are_the_same(
    tmp_path: Path, write_folder: Write
) -> None:
    labels = tuple(unicodedata.normalize("NFD", name) for name in ("café", "crème"))
    run = new_run(tmp_path / "run", write_folder(tmp_path / "images", 10, labels=labels))
    info = open_data(run).info
    assert info.labels == ("café", "crème")
    (run.path / "supernet").mkdir()
    stored = files.read_json(run.data_file)
    files.write_json(run.data_file, stored | {"labels": list(labels)})
    in_a_new_process()
    assert open_data(Run.open(run.path)).info == info
