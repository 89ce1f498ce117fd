"""Test images that are shown with a member's predictions."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from scalenet_tf.config import Task
from scalenet_tf.data import DataSet
from scalenet_tf.data.examples import ArrayExamples
from scalenet_tf.members.samples import SHOWN, choose_samples
from tests.helpers.stored import info_of


def data_of(labels: np.ndarray, side: int = 20, channels: int = 3) -> DataSet:
    """Images of one brightness, which is their position."""
    images = np.repeat(np.arange(len(labels), dtype=np.uint8), side * side * channels)
    examples = ArrayExamples.of(images.reshape(-1, side, side, channels), labels)
    return DataSet(info_of(channels), examples, examples, lambda: examples)


def test_the_most_confident_mistakes_and_some_that_are_right() -> None:
    labels = np.arange(100) % 4
    probabilities = np.full((100, 4), 0.1, np.float32)
    probabilities[np.arange(100), labels] = 0.7
    wrong = np.arange(0, 100, 5)
    probabilities[wrong] = 0.0
    probabilities[wrong, (labels[wrong] + 1) % 4] = 0.5 + wrong / 250
    probabilities[wrong, labels[wrong]] = 0.5 - wrong / 250
    found = choose_samples(data_of(labels), labels, probabilities, Task.single_label, seed=0)
    assert (found.mistakes, found.images) == (19, 100)  # 0 is a draw, which counts for the first class.
    assert [sample.position for sample in found.wrong] == list(range(95, 35, -5))
    first = found.wrong[0]
    assert first.classes == (95 % 4,) and first.answers[0].class_id == (95 + 1) % 4
    assert len(first.answers) == 3 and abs(first.answers[0].probability - 0.88) < 1e-6
    assert len(found.right) == SHOWN
    assert all(sample.position == 0 or sample.position % 5 for sample in found.right)
    again = choose_samples(data_of(labels), labels, probabilities, Task.single_label, seed=0)
    other = choose_samples(data_of(labels), labels, probabilities, Task.single_label, seed=1)
    assert again == found and other.right != found.right and other.wrong == found.wrong


def test_pictures_are_the_images_made_small() -> None:
    labels = np.zeros(50, int)
    probabilities = np.tile(np.array([[0.9, 0.1]], np.float32), (50, 1))
    for side, channels, mode in ((20, 1, "L"), (300, 3, "RGB")):
        data = data_of(labels, side, channels)
        for sample in choose_samples(data, labels, probabilities, Task.single_label, 0).right:
            image = Image.open(io.BytesIO(base64.b64decode(sample.jpeg)))
            assert image.mode == mode and image.size == (min(side, 96),) * 2
            assert abs(np.asarray(image).mean() - sample.position) < 2


def test_of_several_labels_all_must_be_right() -> None:
    labels = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0]], np.int8)
    probabilities = np.array([[0.9, 0.2, 0.6], [0.1, 0.6, 0.2], [0.9, 0.05, 0.4]], np.float32)
    found = choose_samples(data_of(labels), labels, probabilities, Task.multi_label, 0)
    assert [sample.position for sample in found.right] == [0]
    assert found.right[0].classes == (0, 2)
    assert [answer.class_id for answer in found.right[0].answers] == [0, 2]
    assert [sample.position for sample in found.wrong] == [2, 1]
    assert found.wrong[1].classes == ()
