"""Every class has training images, and a name of its own."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data, load_new_data
from scalenet_tf.data.class_check import (
    check_class_sizes,
    check_classes_are_left,
    check_classes_are_there,
    few_validation_images,
)
from scalenet_tf.data.sources.class_names import parse_class_names, unique_names
from scalenet_tf.data.splits import Splits, split_source
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.class_name import class_name
from tests.data.test_folder_splits import fill

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))


def split(path: Path, **changes: object) -> Splits:
    return split_source(DataConfig.model_validate({"source": f"folder:{path}"} | changes), seed=0)


@pytest.mark.parametrize(
    "content",
    [
        b"cat\ndog\n",
        b"cat\ndog",
        b"cat\r\ndog\r\n\r\n",
        b"cat\rdog",
        "\ufeffcat\ndog\n".encode(),
        b" cat \ndog\t\n \n",
    ],
)
def test_names_are_read_with_any_line_ends_and_a_byte_order_mark(content: bytes) -> None:
    assert parse_class_names(content, "labels.txt") == ("cat", "dog")


def test_a_line_is_a_line_whatever_is_in_it() -> None:
    text = "New\u2028York\nice\x0bcream\nnaïve 東京 #1\n"
    assert parse_class_names(text.encode(), "labels.txt") == (
        "New\u2028York",
        "ice\x0bcream",
        "naïve 東京 #1",
    )


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"cat\n\nowl\n", r"labels\.txt' must have a name of one line\. Received: '' \(line 2\)"),
        (b"crane\nowl\ncrane\n", r"Received: 'crane' twice \(line 1 and line 3\).*Rename one"),
        (f"{COMPOSED}\n{DECOMPOSED}\n".encode(), rf"Received: '{COMPOSED}' twice \(line 1 and line 2\)"),
        ("cat\ndog\n".encode("utf-16"), r"'labels\.txt' must be text in UTF-8.* byte 0xff at position 0"),
        ("cat\ndog\n".encode("utf-16-le"), r"'labels\.txt' must be text in UTF-8.*zero byte"),
        (b"caf\xe9\n", r"'labels\.txt' must be text in UTF-8.* byte 0xe9 at position 3"),
        (b"", r"'labels\.txt' must hold one class name per line\. It holds none"),
        (b"\n \r\n", r"'labels\.txt' must hold one class name per line\. It holds none"),
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(content: bytes, match: str) -> None:
    with pytest.raises(ScaleNetError, match=match):
        parse_class_names(content, "labels.txt")


def test_the_stored_form_of_a_name() -> None:
    assert class_name(f" \ufeff{DECOMPOSED}\r\n") == COMPOSED
    assert unique_names(["Polish", "polish"], ["a", "b"], "x") == ("Polish", "polish")
    with pytest.raises(ScaleNetError, match=r"name of one line\. Received: 'a\\nb' \(folder 'x'\)"):
        unique_names(["a\nb"], ["folder 'x'"], "x")


def test_a_folder_name_is_one_class_in_whatever_form_it_is_written(tmp_path: Path) -> None:
    fill(tmp_path / "train", 6, classes=(COMPOSED, "dog"))
    fill(tmp_path / "test", 2, seed=1, classes=(DECOMPOSED, "dog"))
    found = split(tmp_path)
    assert found.labels == (COMPOSED, "dog")
    assert np.bincount(found.labels_of(found.test)).tolist() == [2, 2]
    fill(tmp_path / "train", 6, seed=2, classes=(DECOMPOSED,))
    with pytest.raises(ScaleNetError, match=rf"Received: '{COMPOSED}' twice \(folder '.*' and folder '.*'\)"):
        split(tmp_path)


def test_an_empty_folder_of_a_class_is_named(tmp_path: Path) -> None:
    fill(tmp_path, 6)
    (tmp_path / "owl").mkdir()
    with pytest.raises(ScaleNetError, match=r"Received in all images: none of 1 of 3 classes, 'owl'\."):
        split(tmp_path)
    assert split_source(DataConfig(source=f"folder:{tmp_path}"), 0, begun=True).labels == (
        "cat",
        "dog",
        "owl",
    )
    assert load_new_data(DataConfig(source=f"folder:{tmp_path}")).info.classes == 3


def test_a_class_of_the_test_split_alone_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "train", 6)
    fill(tmp_path / "test", 2, seed=1, classes=("cat", "yak"))
    with pytest.raises(ScaleNetError, match=r"to train on\. Received in train/: none of 1 .* 'yak'"):
        split(tmp_path)


@pytest.mark.parametrize(
    ("splits", "needed", "parts"),
    [
        (("",), 3, r"train, validation, test\. Received in all images"),
        (("train", "test"), 2, r"train, validation\. Received in train/"),
    ],
)
def test_too_few_images_name_the_classes_and_the_number(
    tmp_path: Path, splits: tuple[str, ...], needed: int, parts: str
) -> None:
    for seed, name in enumerate(splits):
        fill(tmp_path / name, needed, seed)
        fill(tmp_path / name, needed - 1, seed, classes=("owl", "yak"))
    few = rf"'owl' has {needed - 1}, 'yak' has {needed - 1}\."
    match = rf"at least {needed} images, at least one for each of {parts}: {few}"
    with pytest.raises(ScaleNetError, match=match):
        split(tmp_path)


def test_one_training_image_is_enough_where_nothing_is_split(tmp_path: Path) -> None:
    for seed, name in enumerate(("train", "val", "test")):
        fill(tmp_path / name, 1, seed)
    assert {name: len(part.rows) for name, part in split(tmp_path).parts.items()} == {
        "train": 2,
        "validation": 2,
        "test": 2,
    }


def test_some_training_images_keep_a_class_with_one(tmp_path: Path) -> None:
    fill(tmp_path, 30)
    fill(tmp_path, 3, classes=("owl",))  # one for each split
    found = split(tmp_path, train_images=20)
    assert set(found.labels_of(found.train)[found.train.rows]) == {0, 1, 2}
    assert 18 <= len(found.train.rows) <= 22


@pytest.mark.parametrize("corrupt", [12, pytest.param(11, marks=pytest.mark.slow)])
def test_a_class_whose_images_are_all_corrupt_is_named(tmp_path: Path, corrupt: int) -> None:
    fill(tmp_path, 12, classes=("cat", "dog", "owl"))
    for file in sorted((tmp_path / "owl").iterdir())[:corrupt]:
        file.write_bytes(b"no image")
    with pytest.raises(ScaleNetError, match=r"None is left of 'owl': those .* cannot be decoded"):
        for seed in range(20):  # the one that is left is in the train split of most seeds, and not of all
            load_data(DataConfig(source=f"folder:{tmp_path}", skip_corrupt=True), seed)


def test_labels_counted_from_one_are_told() -> None:
    labels = ("cat", "dog", "owl", "yak")
    with pytest.raises(
        ScaleNetError,
        match=r"none of 1 of 4 classes, 'cat'\. The labels are 1 to 3: if they are counted from 1,",
    ):
        check_classes_are_there(np.array([1, 2, 3, 3]), labels, "Split-train/")
    check_classes_are_there(np.array([0, 1, 2, 3]), labels, "Split-train/")
    check_class_sizes(np.array([1, 1, 2, 2]), labels, ["train", "validation"], "Split-train/")
    check_classes_are_left(np.array([0, 1, 2, 3]), labels)


def test_many_classes_without_images_are_not_all_listed() -> None:
    with pytest.raises(
        ScaleNetError, match=r"none of 98 of 100 classes, 'c1', 'c2', 'c3', 'c4', 'c5' and 93 more"
    ):
        check_classes_are_there(np.array([0, 99]), [f"c{k}" for k in range(100)], "Split-train/")


def test_classes_with_few_validation_images_are_named() -> None:
    found = np.repeat([0, 1, 2], [30, 3, 19])
    sentence = few_validation_images(found, ["a", "b", "c", "d"])
    assert sentence is not None
    assert sentence.startswith("3 of 4 classes have fewer than 20 validation images")
    assert "'b' has 3, 'c' has 19, 'd' has 0. More images" in sentence
    assert few_validation_images(np.repeat([0, 1], 20), ["a", "b"]) is None
