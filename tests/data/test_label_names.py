"""Labels with names keep their meaning, whatever classes another split has, and in whatever order."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.given import GivenSplit, given_split
from scalenet_tf.data.label_names import matched, names_to_match
from scalenet_tf.errors import ScaleNetError

ANIMALS = ("bird", "cat", "dog")


def given(labels: object, argument: str = "test_data") -> GivenSplit:
    values = np.asarray(labels)
    return given_split((np.zeros((len(values), 4, 4), np.uint8), values), argument)


def dataset(labels: object, names: tuple[str, ...]) -> GivenSplit:
    values = np.asarray(labels)
    data = tf.data.Dataset.from_tensor_slices((np.zeros((len(values), 4, 4, 1)), values)).batch(2)
    data.class_names = list(names)
    return given_split(data, "validation_data")


def labels_of(split: GivenSplit) -> list[object]:
    return np.concatenate([labels for _, labels in split.batches]).tolist()


@pytest.mark.parametrize(
    "labels", [["dog", "cat", "dog"], [b"dog", b"cat", b"dog"], np.array(["dog", "cat", "dog"], object)]
)
def test_a_split_without_one_of_the_classes_has_the_numbers_of_the_others(labels: object) -> None:
    assert labels_of(matched(given(labels), ANIMALS, "`data`")) == [2, 1, 2]


def test_the_users_order_of_names_decides_the_numbers() -> None:
    train = given(["cat", "dog", "bird"], "data")
    names = names_to_match(train, ["dog", "cat", "bird"])
    assert labels_of(matched(train, names, "`class_names`")) == [1, 0, 2]


def test_a_dataset_is_matched_by_its_own_names() -> None:
    assert labels_of(matched(dataset([0, 1, 1], ("cat", "dog")), ANIMALS, "`data`")) == [1, 2, 2]
    hot = keras.utils.to_categorical([0, 1, 1])
    expected = keras.utils.to_categorical([1, 2, 2], 3).tolist()
    assert labels_of(matched(dataset(hot, ("cat", "dog")), ANIMALS, "`data`")) == expected


def test_other_words_for_the_classes_of_a_dataset_keep_its_order() -> None:
    train = dataset([1, 0], ("cat", "dog"))
    assert names_to_match(train, ["Katze", "Hund"]) == ("cat", "dog")
    assert names_to_match(train, ["dog", "cat"]) == ("dog", "cat")


def test_class_names_that_have_some_names_of_a_dataset_are_refused() -> None:
    train = dataset([1, 0], ("cat", "dog"))
    said = "Received: Dog, cat, without dog. `validation_data` has the classes cat, dog."
    with pytest.raises(ScaleNetError, match=re.escape(said)):
        names_to_match(train, ["Dog", "cat"])
    assert names_to_match(train, ["fox", "dog ", "cat"]) == ("fox", "dog", "cat")


def test_names_are_compared_as_they_are_stored() -> None:
    cafe, decomposed = "caf\u00e9", "cafe\u0301"
    assert labels_of(matched(given(["dog ", decomposed]), (cafe, "dog"), "`data`")) == [1, 0]
    assert labels_of(matched(given([cafe, "dog"]), (decomposed, " dog"), "`data`")) == [0, 1]
    assert labels_of(matched(dataset([0, 1], ("dog\n", "cat")), ANIMALS, "`data`")) == [2, 1]


@pytest.mark.parametrize("batch", [None, 2])
def test_names_of_a_dataset_are_its_labels(batch: int | None) -> None:
    names = ["dog", "cat", "dog", "owl"]
    data = tf.data.Dataset.from_tensor_slices((np.zeros((4, 5, 5, 1), np.uint8), names))
    # A column of pandas, [N, 1], too.
    column = data.map(lambda image, name: (image, name[tf.newaxis]))
    for form in (data, column):
        split = given_split(form if batch is None else form.batch(batch), "data")
        assert (split.by_name, split.class_names) == (True, ("cat", "dog", "owl"))
        assert np.ravel(labels_of(split)).tolist() == [1, 0, 1, 2]


def test_a_dataset_of_other_names_each_time_is_refused() -> None:
    left = iter((["cat"], ["dog"]))
    spec = tf.TensorSpec([5, 5, 1], tf.uint8), tf.TensorSpec([], tf.string)
    data = tf.data.Dataset.from_generator(
        lambda: ((np.zeros((5, 5, 1), np.uint8), name) for name in next(left)), output_signature=spec
    )
    split = given_split(data, "data")
    with pytest.raises(ScaleNetError, match=r"`data` must hold the same labels each time.*'dog'.*a seed"):
        labels_of(split)


def test_names_in_bytes_are_utf8() -> None:
    columns = np.array([b"dog", "caf\u00e9".encode()], object)
    assert labels_of(matched(given(columns), ("caf\u00e9", "dog"), "`data`")) == [1, 0]
    for wrong in (np.array([b"dog", b"caf\xe9"], object), np.array([b"dog", b"caf\xe9"])):
        with pytest.raises(
            ScaleNetError, match=r"`test_data`: labels that are names must be UTF-8\. .*b'caf"
        ):
            given(wrong)


def test_a_dataset_with_other_words_is_taken_by_its_numbers() -> None:
    for names in (("Katze", "Hund"), ("0", "1"), None):
        assert labels_of(matched(dataset([1, 0, 1], ("cat", "dog")), names, "the member s0")) == [1, 0, 1]
    with pytest.raises(ScaleNetError, match="has the classes fox, which `data` does not have"):
        matched(dataset([1], ("cat", "fox")), ("cat", "dog"), "`data`")


def test_numbers_stay_as_they_are() -> None:
    assert labels_of(matched(given([2, 0]), ANIMALS, "`data`")) == [2, 0]
    assert names_to_match(given([2, 0]), ANIMALS) == ANIMALS
    assert names_to_match(given([2, 0]), None) is None


@pytest.mark.parametrize(
    ("labels", "names", "said"),
    [
        (
            ["cat", "fox"],
            ANIMALS,
            "`test_data` has the classes fox, which `data` does not have. Received: cat, fox",
        ),
        (
            ["cat"],
            None,
            "`test_data` has classes with names (cat), and `data` has numbers alone. Pass `class_na",
        ),
    ],
)
def test_a_class_that_cannot_be_matched_is_named(
    labels: list[str], names: tuple[str, ...] | None, said: str
) -> None:
    with pytest.raises(ScaleNetError, match=re.escape(said)):
        matched(given(labels), names, "`data`")


def test_numbers_beyond_the_names_of_a_dataset_are_refused() -> None:
    split = matched(dataset([0, 2], ("cat", "dog")), ANIMALS, "`data`")
    with pytest.raises(ScaleNetError, match="must be numbers of its 2 classes, 0 to 1"):
        labels_of(split)


def test_names_mixed_with_others_are_refused() -> None:
    with pytest.raises(ScaleNetError, match="labels must all be names, or all be numbers"):
        given(np.array(["cat", float("nan")], object))
