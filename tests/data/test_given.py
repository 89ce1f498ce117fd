"""The forms in which Python code passes labelled images."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.given import given_split
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_sets import random_images


def read(data: object) -> list[tuple[tuple[int, ...], list[object]]]:
    """The shape and the labels of each batch."""
    split = given_split(data, "data")  # type: ignore[arg-type]
    found = [(images.shape, labels.tolist()) for images, labels in split.batches]
    assert split.count in (None, len(found))
    return found


def slices(shape: tuple[int, ...], labels: object) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((np.zeros(shape, np.uint8), labels))


def test_images_of_several_sizes_are_a_list() -> None:
    images = [np.zeros((6, 8, 3)), np.zeros((5, 9, 3)), np.zeros((6, 8, 3))]
    expected = [((1, 6, 8, 3), [0]), ((1, 5, 9, 3), [2]), ((1, 6, 8, 3), [1])]
    assert read((images, [0, 2, 1])) == expected
    held = np.empty(3, object)
    held[:] = images
    assert read((held, np.array([0, 2, 1]))) == expected
    assert read(([image[..., 0] for image in images], [0, 2, 1]))[1] == ((1, 5, 9), [2])
    same = random_images(300)
    assert read((list(same), [1] * 300)) == read((same, np.ones(300, int)))
    assert [shape[0] for shape, _ in read((same, np.ones(300)))] == [256, 44]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            ([np.zeros((4, 4)), np.zeros((5, 5))], [0]),
            "as many labels as images. Received: shapes (2, '…') and",
        ),
        (([np.zeros((4, 4)), np.zeros(5)], [0, 1]), "must be an array [H, W] or [H, W, channels] of numbers"),
        (
            ([[[1, 2], [3]], np.zeros((4, 4))], [0, 1]),
            "must be an array [H, W] or [H, W, channels] of numbers",
        ),
        ((np.zeros((2, 4, 4)), [[0, 1], [2]]), "labels must be one array, of classes [N]"),
        (
            ((np.zeros((5, 4, 4)), np.zeros(5)), (np.zeros((2, 4, 4)), np.zeros(2))),
            "`data` must be one pair (images, labels). Received two, as keras.datasets returns them",
        ),
        (
            {"skip_corrupt": True},
            "Received: dict. Keys of the section `data` are given with dots: **{'data.sk",
        ),
    ],
)
def test_what_is_no_pair_of_images_and_labels_is_named(data: object, said: str) -> None:
    with pytest.raises(ScaleNetError, match=re.escape(said)):
        read(data)


IMAGE = np.zeros((2, 5, 5, 3), np.uint8)


@pytest.mark.parametrize(
    "elements",
    [
        {"image": IMAGE, "label": [0, 1]},  # TFDS without as_supervised
        ({"image": IMAGE}, [0, 1]),
        (IMAGE, {"label": [0, 1]}),
        (IMAGE, ([0, 1], [1.0, 0.5])),
        ((IMAGE, IMAGE), [0, 1]),
        (IMAGE, [0, 1], [1.0, 0.5]),
        (tf.ragged.constant([[[1, 2], [3]], [[4]]]), [0, 1]),
    ],
)
def test_a_dataset_of_other_elements_is_refused_with_the_remedy(elements: object) -> None:
    said = (
        r"`data` must be a dataset of pairs \(image, label\).*Received elements: .*\.map.*as_supervised=True"
    )
    with pytest.raises(ScaleNetError, match=said):
        read(tf.data.Dataset.from_tensor_slices(elements))


def test_two_images_and_two_labels_are_one_pair() -> None:
    image = np.zeros((4, 4))
    for pair in (([image, image], [0, 1]), ((image, image), (0, 1))):
        assert read(pair) == [((2, 4, 4), [0, 1])]


def test_batches_of_grey_images_need_no_axis_for_a_channel() -> None:
    grey = slices((5, 9, 7), [0, 1, 2, 0, 1])
    assert read(grey.batch(3)) == [((3, 9, 7), [0, 1, 2]), ((2, 9, 7), [0, 1])]
    assert read(grey)[:2] == [((1, 9, 7), [0]), ((1, 9, 7), [1])]
    hot = slices((5, 9, 7), np.eye(3)[[0, 1, 2, 0, 1]])
    assert [shape for shape, _ in read(hot.batch(5))] == [(5, 9, 7)]
    unknown = tf.data.Dataset.from_generator(
        lambda: iter(grey.batch(3)),
        output_signature=(tf.TensorSpec([None, None, None], tf.uint8), tf.TensorSpec([None], tf.int64)),
    )
    assert [shape for shape, _ in read(unknown)] == [(3, 9, 7), (2, 9, 7)]


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("labels", [[0, 1], np.eye(2)])
def test_images_with_channels_are_no_batch_of_grey_ones(channels: int, labels: object) -> None:
    assert [shape for shape, _ in read(slices((2, 9, 7, channels), labels))] == [(1, 9, 7, channels)] * 2


def test_a_batch_with_fewer_labels_is_refused() -> None:
    data = tf.data.Dataset.from_tensors((np.zeros((4, 9, 7), np.uint8), [0, 1]))
    with pytest.raises(ScaleNetError, match=r"Received: a batch of shapes \(4, 9, 7\) and \(2,\)"):
        read(data)
