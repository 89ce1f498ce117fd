"""Images of the channels that a source declares, since records declare none."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.data.decode import decode_image

_JPEG = b"\xff\xd8\xff"


def with_channels(image: bytes, channels: int | None) -> bytes:
    """Returns an encoded image as it is if it has the channels, otherwise as a PNG file of these.

    Args:
      image: The encoded image; one that cannot be decoded is returned as it is.
      channels: 1 or 3, or None for those that are stored.
    """
    if channels is None:
        return image
    try:
        if _stored(image) == channels:
            return image
        return bytes(tf.io.encode_png(decode_image(tf.constant(image), channels)).numpy())
    except tf.errors.InvalidArgumentError:
        return image


def _stored(image: bytes) -> int:
    if image.startswith(_JPEG):  # by the header
        return int(tf.io.extract_jpeg_shape(image)[2])
    return int(decode_image(tf.constant(image)).shape[2])
