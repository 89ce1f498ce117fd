"""The images of an Examples artifact, as the gates read them."""

from __future__ import annotations

from scalenet_tf.config import DataConfig
from scalenet_tf.data import DataSet, load_new_data


def open_test_split(examples: str, image_size: int, skip_corrupt: bool) -> DataSet:
    """Opens Split-test at the size of the images that the model was trained on.

    Args:
      examples: Folder of the artifact.
      image_size: Side in pixels.
      skip_corrupt: Whether to leave out images that cannot be decoded.
    """
    return load_new_data(
        DataConfig(source=f"tfrecord:{examples}", image_size=image_size, skip_corrupt=skip_corrupt)
    )
