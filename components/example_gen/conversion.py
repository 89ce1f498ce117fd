"""Images of the channels that a run takes, since records declare none."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.data.decoder import DECODER, Decoder

_JPEG = b"\xff\xd8\xff"


def with_channels(image: bytes, channels: int | None, decoder: Decoder = DECODER) -> bytes:
    """Returns an encoded image as it is if it has the channels, otherwise as a PNG file of these.

    Args:
      image: The encoded image; one that cannot be decoded is returned as it is.
      channels: 1 or 3, or None for those that are stored.
      decoder: The decoder of the run.
    """
    if channels is None:
        return image
    try:
        if _stored(image, decoder) == channels:
            return image
        return bytes(tf.io.encode_png(decoder.decode(tf.constant(image), channels)).numpy())
    except tf.errors.InvalidArgumentError:
        return image


def _stored(image: bytes, decoder: Decoder) -> int:
    if image.startswith(_JPEG):  # by the header
        return 1 if int(tf.image.extract_jpeg_shape(image)[2]) == 1 else 3
    return int(decoder.decode(tf.constant(image)).shape[2])
