"""Encoded images within a served graph: checked by their header, then decoded."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.data.decoder import Decoder, is_jpeg_or_png
from scalenet_tf.data.image_header import MAX_PIXELS, header_size

_FEWEST_BYTES = 24  # The signature and the size of a PNG.


def decode(image_bytes: tf.Tensor, channels: int, decoder: Decoder) -> tf.Tensor:
    """Decodes one JPEG or PNG of 1 to `MAX_PIXELS` pixels; a request with anything else fails.

    A few hundred kilobytes can hold an image of gigabytes, so its size is read before anything is decoded.

    Args:
      image_bytes: A scalar string.
      channels: Number of channels of the answer, 1 or 3.
      decoder: The decoder that training used.

    Returns:
      uint8 [H, W, channels].
    """
    known = is_jpeg_or_png(image_bytes)
    length = tf.strings.length(image_bytes)
    text = tf.strings.format(
        "an image must be a whole JPEG or PNG. Received: {} bytes of something else", length
    )
    image_bytes = _require(known & (length >= _FEWEST_BYTES), text, image_bytes)
    size = tf.cast(header_size(image_bytes), tf.int64)
    # A negative size is a PNG of more than 2^31 pixels a side.
    fits = (tf.reduce_min(size) > 0) & (size[0] * size[1] <= MAX_PIXELS)
    text = tf.strings.format(
        f"an image must have 1 to {MAX_PIXELS} pixels. Received: {{}} x {{}}", [size[0], size[1]]
    )
    image_bytes = _require(fits, text, image_bytes)
    return decoder.decode_served(image_bytes, channels)


def with_pixels(images: tf.Tensor) -> tf.Tensor:
    """Returns images [N, H, W, C]; a request without any pixel, H or W = 0, fails."""
    size = tf.shape(images)
    text = tf.strings.format("images must have pixels. Received: {} x {}", [size[1], size[2]])
    return _require(tf.reduce_min(size[1:3]) > 0, text, images)


def _require(condition: tf.Tensor, text: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
    """Returns `value`, of which nothing is computed unless the condition holds."""
    with tf.control_dependencies([tf.debugging.Assert(condition, [text])]):
        return tf.identity(value)
