"""Splits that people have: each folder is used as what it is, or named as unused."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data, load_new_data
from scalenet_tf.data.sources.folder_layout import find_layout
from scalenet_tf.data.sources.split_names import assign_roles, role_of
from scalenet_tf.data.splits import Splits, split_source
from scalenet_tf.data.suffixes import SUFFIXES
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_folder import write_image


def fill(path: Path, count: int = 10, seed: int = 0, classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    rng = np.random.default_rng(seed)
    for label in classes:
        (path / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            write_image(path / label / f"{seed}-{number:02}.png", rng.integers(0, 256, (8, 8, 3)))
    return path


def split(path: Path, **changes: object) -> Splits:
    return split_source(DataConfig.model_validate({"source": f"folder:{path}"} | changes), seed=0)


def places(path: Path, **changes: object) -> dict[str, tuple[int, str]]:
    parts = split(path, **changes).parts
    return {name: (len(part.rows), part.place) for name, part in parts.items()}


def names_of(splits: Splits, name: str) -> set[str]:
    part = splits.parts[name]
    return {Path(part.encoded.name(int(row))).parts[-3] for row in part.rows}


@pytest.mark.parametrize("name", ["valid", "val", "validation", "Valid", "eval"])
def test_a_validation_split_beside_a_test_split_is_validation(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "train", 10)
    fill(tmp_path / name, 3, seed=1)
    fill(tmp_path / "test", 2, seed=2)
    assert places(tmp_path) == {
        "train": (20, "train/"),
        "validation": (6, f"{name}/"),
        "test": (4, "test/"),
    }
    found = split(tmp_path)
    assert [names_of(found, part) for part in found.parts] == [{"train"}, {name}, {"test"}]


def test_splits_within_classes_are_refused_and_not_mixed(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        fill(tmp_path / label, 6, classes=("Training",))
    assert places(tmp_path)["train"][0] == 8  # one name alone is no split
    (tmp_path / "dog" / "test").mkdir()
    assert places(tmp_path)["train"][0] == 8
    fill(tmp_path / "dog", 2, seed=1, classes=("test",))
    config = DataConfig(source=f"folder:{tmp_path}")
    said = r"Training/, test/ in the class folder '.*dog', .*mixed\. Move them to Training/dog, test/dog"
    for read in (lambda: split(tmp_path), lambda: load_new_data(config)):
        with pytest.raises(ScaleNetError, match=said):
            read()
    assert split_source(config, 0, begun=True).count == 14  # as the version did that began the run


def test_a_folder_around_the_data_set_is_no_class(tmp_path: Path) -> None:
    for name in ("train", "test"):
        fill(tmp_path / "images" / name, 2)
    said = r"mixed\. If 'images' is no class but holds the whole data set, pass folder:.*/images; if they"
    with pytest.raises(ScaleNetError, match=said):
        split(tmp_path)
    assert places(tmp_path / "images")["train"][0]


@pytest.mark.parametrize("name", ["valid", "val", "validation", "test", "Testing"])
def test_the_only_other_split_is_test(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "train", 10)
    fill(tmp_path / name, 3, seed=1)
    assert places(tmp_path) == {
        "train": (18, "train/"),
        "validation": (2, "a part of train/"),
        "test": (6, f"{name}/"),
    }


def test_validation_may_be_a_part_of_train_and_the_other_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path / "train", 10)
    fill(tmp_path / "val", 3, seed=1)
    fill(tmp_path / "test", 2, seed=2)
    fill(tmp_path / "unsorted", 1, seed=3)
    (tmp_path / "notes").mkdir()
    with caplog.at_level(logging.INFO, "scalenet_tf"):
        assert places(tmp_path, validation="train")["validation"] == (2, "a part of train/")
    assert "images: train 18 (train/), validation 2 (a part of train/), test 4 (test/)" in caplog.messages
    [warning] = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warning == "images that belong to no split are not used: val/, unsorted/ (2 images)"


def test_a_class_called_train_is_a_class(tmp_path: Path) -> None:
    fill(tmp_path, 6, classes=("airplane", "bus", "train"))
    assert split(tmp_path).labels == ("airplane", "bus", "train")
    fill(tmp_path, 6, classes=("test",))
    assert split(tmp_path).labels == ("airplane", "bus", "test", "train")


@pytest.mark.parametrize("names", [("training_set", "test_set"), ("train_images", "val_images")])
def test_folders_named_like_splits_are_named(
    tmp_path: Path, names: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for name in names:
        fill(tmp_path / name, 6, classes=("cat", "dog"))
    assert split(tmp_path).labels == tuple(sorted(names))
    said = (
        f"{min(names)}/, {max(names)}/ of {str(tmp_path)!r} hold folders of images, and are taken for classes"
    )
    assert said in caplog.text
    caplog.clear()
    fill(tmp_path / "flat", 6, classes=("test track", "train station", "pier"))
    assert split(tmp_path / "flat").labels == ("pier", "test track", "train station")
    assert "taken for classes" not in caplog.text


def test_classes_beside_splits_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, 6, classes=("airplane", "bus"))
    fill(tmp_path / "train", 6, classes=("electric", "steam"))
    with pytest.raises(
        ScaleNetError, match=r"Received both: train/ with folders in it, and airplane/, bus/ with"
    ):
        split(tmp_path)


def test_splits_without_classes_are_refused(tmp_path: Path) -> None:
    fill(tmp_path, 6, classes=("train", "test"))
    with pytest.raises(
        ScaleNetError, match=r"images in test/, train/ that belong to no class\. Move them into"
    ):
        split(tmp_path)


def test_a_split_without_classes_beside_others_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "train", 10)
    fill(tmp_path, 3, seed=1, classes=("test",))  # images without labels
    found = split(tmp_path)
    assert found.unused == ("test/ (3 images)",)
    assert found.test.place == "a part of train/"


def test_two_folders_for_one_split_are_refused(tmp_path: Path) -> None:
    for name in ("train", "val", "valid"):
        fill(tmp_path / name, 3)
    with pytest.raises(ScaleNetError, match=r"one validation split\. Received two: 'val' and 'valid'"):
        split(tmp_path)


def test_images_without_a_train_split_are_for_evaluation_alone(tmp_path: Path) -> None:
    fill(tmp_path / "valid", 3)
    with pytest.raises(
        ScaleNetError, match=r"must have a train split\. It has only: valid/\. `scalenet evaluate"
    ):
        split(tmp_path)
    data = load_new_data(DataConfig(source=f"folder:{tmp_path}"))
    assert (data.info.counts["test"], data.places["test"]) == (6, "valid/")


@pytest.mark.parametrize(
    ("splits", "scored"), [(("train", "val"), "val/"), (("train", "val", "test"), "test/")]
)
def test_new_images_say_which_are_scored(tmp_path: Path, splits: tuple[str, ...], scored: str) -> None:
    for seed, name in enumerate(splits):
        fill(tmp_path / name, 3 + seed, seed)
    data = load_new_data(DataConfig(source=f"folder:{tmp_path}"))
    assert data.places["test"] == scored
    assert data.examples("test").count == 2 * (2 + len(splits))


def test_all_of_a_folder_of_classes_is_scored(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    assert load_new_data(DataConfig(source=f"folder:{tmp_path}")).places == {"test": "all images"}
    parts = {"train": "all images", "validation": "a part of all images", "test": "a part of all images"}
    assert load_data(DataConfig(source=f"folder:{tmp_path}"), 0).places == parts


def test_folders_that_systems_leave_behind_are_no_classes(tmp_path: Path) -> None:
    fill(tmp_path, 3, classes=("cat", "dog", "__MACOSX", "@eaDir", ".thumbs"))
    assert split(tmp_path).labels == ("cat", "dog")
    assert find_layout(str(tmp_path), SUFFIXES).splits == {"train": ""}


def test_roles_by_name() -> None:
    assert [role_of(name) for name in ("Train", "VAL", "testing", "trains", "extra")] == [
        "train",
        "validation",
        "test",
        None,
        None,
    ]
    assert assign_roles(["extra", "eval", "train"], "x") == {"validation": "eval", "train": "train"}
