"""What `predict` and `evaluate` of a member take, and what they refuse."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import tensorflow as tf

import scalenet_tf as sn
from scalenet_tf.api.family_member import _as_batch
from scalenet_tf.data import open_data
from scalenet_tf.run import Run
from tests.helpers.image_sets import random_images


def test_images_of_several_sizes_are_answered_one_by_one(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    images = [random_images(1, size, 1, seed)[0] for seed, size in enumerate(((30, 28), (40, 50), (30, 28)))]
    expected = np.concatenate([member.predict(image) for image in images])
    np.testing.assert_allclose(member.predict(images), expected, atol=1e-6)
    np.testing.assert_allclose(member.predict([image[..., 0] for image in images]), expected, atol=1e-6)
    np.testing.assert_allclose(member.predict([images[0], images[2]]), expected[[0, 2]], atol=1e-6)
    best = expected.argmax(axis=1)
    assert member.evaluate((images, best)).accuracy == 1
    with pytest.warns(UserWarning, match="`images`: these floats of 0 to 1 are taken for pixels of 0 to 255"):
        member.predict([image / 255 for image in images])
    with pytest.raises(sn.ScaleNetError, match=r"`data`: pixels must be in 0\.\.255.* by 255\.$"):
        member.evaluate(([image / 255 for image in images], best))
    dark = [images[0] / 255, *images[1:]]
    assert member.evaluate((dark, member.predict(dark).argmax(axis=1))).accuracy == 1
    with pytest.raises(sn.ScaleNetError, match=r"must have 1 channel\(s\), as in training. Received: 3"):
        member.predict([images[0], random_images(1)[0]])


@pytest.mark.parametrize(("shape", "channels"), [((60, 40, 3), 1), ((60, 40, 4), 3), ((60, 40, 2), 1)])
def test_one_image_of_other_channels_is_no_batch_of_rows(shape: tuple[int, ...], channels: int) -> None:
    said = (
        rf"`images` of the shape \[60, 40, {shape[-1]}\] looks like one image with {shape[-1]} channels; the "
    )
    with pytest.raises(sn.ScaleNetError, match=rf"{said}member takes {channels}\. .*images\[\.\.\., None\]"):
        _as_batch(np.zeros(shape), channels)


def test_a_batch_of_narrow_grey_images_can_be_measured(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    narrow = random_images(5, (6, 3), 1)
    expected = member.predict(narrow)
    with pytest.raises(sn.ScaleNetError, match="looks like one image with 3 channels"):
        member.predict(narrow[..., 0])
    assert member.evaluate((narrow[..., 0], expected.argmax(axis=1))).accuracy == 1


def test_many_floats_are_converted_batch_by_batch(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    images = np.zeros((3000, 64, 64), np.float32)
    images[-1, -1, -1] = 200.5
    member.predict(images[:256])
    tracemalloc.start()
    try:
        member.predict(images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < images.nbytes


def test_names_are_matched_however_they_are_written(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    data = open_data(trained_run).test
    images, labels = data.take(np.arange(40)), data.class_ids()[:40]
    expected = member.evaluate((images, labels))
    names = [f" {member.labels[label]} " for label in labels]
    assert member.evaluate((images, names)) == expected
    assert member.evaluate((images, np.array([name.encode() for name in names], object))) == expected
    pairs = tf.data.Dataset.from_tensor_slices((images, names))
    for given in (pairs, pairs.batch(16)):
        assert member.evaluate(given) == expected
