from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.accuracy import accuracy, accuracy_over, correct

LABELS = np.array([2, 0, 1, 1, 0])
SCORES = np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1], [0.6, 0.3, 0.1], [0.0, 1.0, 0.0], [0.0, 0.1, 0.9]])


def test_an_image_is_classified_correctly_where_its_label_has_the_largest_score() -> None:
    assert correct(LABELS, SCORES).tolist() == [True, True, False, True, False]
    assert accuracy(LABELS, SCORES) == 3 / 5


def test_batches_of_any_size_give_the_accuracy_of_all_images() -> None:
    batches = [(tf.constant(SCORES[part]), tf.constant(LABELS[part])) for part in (slice(3), slice(3, None))]
    assert accuracy_over(lambda images: images, batches) == accuracy(LABELS, SCORES)
    with pytest.raises(ScaleNetError, match="`batches` must hold at least one image to score"):
        accuracy_over(lambda images: images, [])


def test_the_share_is_not_rounded_to_float32() -> None:
    labels = np.zeros(49_999, np.int64)
    scores = np.eye(2)[(np.arange(49_999) % 3 == 0).astype(int)]
    right = int((np.arange(49_999) % 3 != 0).sum())
    assert accuracy(labels, scores) == accuracy_over(lambda images: scores, [(None, labels)])
    assert accuracy(labels, scores) == right / 49_999 != float(np.float32(right / 49_999))
