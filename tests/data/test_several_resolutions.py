"""A step that needs its images at several sizes gets the very images that each size alone would have."""

import numpy as np

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.data import load_data


def test_several_sizes_of_a_step_are_the_same_images() -> None:
    data = load_data(DataConfig(), seed=0)
    sizes = np.array([[28, 20, 16], [24, 24, 12], [28, 18, 16], [22, 20, 18]])

    def batches(resolutions: np.ndarray) -> list:
        found = data.training_batches(
            batch_size=32,
            seed=0,
            resolutions=resolutions,
            start_step=1,
            augmentation=AugmentationConfig(erase=0.2),
        )
        return list(found.as_numpy_iterator())

    together = batches(sizes)
    assert len(together) == 3
    for place in range(3):
        alone = batches(sizes[:, place])
        for (images, labels), (own_images, own_labels) in zip(together, alone, strict=True):
            np.testing.assert_array_equal(images[place], own_images)
            np.testing.assert_array_equal(labels, own_labels)
