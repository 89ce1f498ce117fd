"""The largest batch that a train split has images for."""

from __future__ import annotations

from collections.abc import Mapping

from scalenet_tf.errors import InvalidInputError


def check_batch_sizes(sizes: Mapping[str, int], train_images: int) -> None:
    """Checks that batches are not larger than the train split.

    Args:
      sizes: Batch size for each configuration key, such as "members.batch_size".
      train_images: Number of images in the train split.

    Raises:
      ScaleNetError: If one is larger. The text has the settings to give.
    """
    large = {key: size for key, size in sizes.items() if size > train_images}
    if large:
        key, size = next(iter(large.items()))
        smaller = 2 ** max(0, train_images.bit_length() - 2)  # a quarter to a half of the images
        settings = " ".join(f"--set {name}={smaller}" for name in large)
        raise InvalidInputError(
            f"`{key}` must be at most the {train_images} images of the train split. Received: {size}. Use "
            f"more images, or smaller batches: {settings}"
        )
