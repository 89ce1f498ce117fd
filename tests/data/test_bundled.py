"""The bundled images in the channels and the splits that a configuration asks for."""

from __future__ import annotations

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data
from scalenet_tf.data.load import load_checked


def test_the_bundled_images_have_the_channels_that_are_asked_for() -> None:
    grey, colour = (load_data(DataConfig(channels=channels), 0) for channels in ("auto", 3))
    assert (grey.info.channels, colour.info.channels) == (1, 3)
    assert load_data(DataConfig(channels=1), 0).info == grey.info
    assert colour.info.digest != grey.info.digest
    for split in ("validation", "test"):
        some = np.arange(0, 1000, 99)
        expected = grey.examples(split).take(some).repeat(3, axis=3)
        np.testing.assert_array_equal(colour.examples(split).take(some), expected)


def test_a_run_of_earlier_versions_keeps_its_bundled_images() -> None:
    begun = load_data(DataConfig(), 0).info
    asked = DataConfig(channels=3, test_fraction=0.3)  # of which these versions took no notice
    assert load_checked(asked, 0, begun=True, facts=begun).data.info == begun
