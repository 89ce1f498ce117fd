"""The size of an image by its header, so that an image that is too large is refused before it is decoded."""

from __future__ import annotations

import tensorflow as tf

# 8192 x 8192: about 200 MB of pixels for each image that is decoded at the same time. A few hundred
# kilobytes of PNG can hold many times as many.
MAX_PIXELS = 2**26
_PNG, _JPEG, _GIF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"


def header_size(image_bytes: tf.Tensor) -> tf.Tensor:
    """Reads the size of an encoded image without decoding it.

    Args:
      image_bytes: A scalar string.

    Returns:
      Width and height of a PNG, JPEG or GIF in either order, int32 [2]; zeros for anything else, whose pixels
      are not compressed.
    """
    begin = tf.strings.substr(image_bytes, 0, 24)

    def starts_with(magic: bytes) -> tf.Tensor:
        return tf.strings.substr(begin, 0, len(magic)) == magic

    def png() -> tf.Tensor:
        size = tf.reshape(tf.io.decode_raw(tf.strings.substr(begin, 16, 8), tf.uint8), [2, 4])
        return tf.bitcast(size[:, ::-1], tf.int32)

    def gif() -> tf.Tensor:
        size = tf.io.decode_raw(tf.strings.substr(begin, 6, 4), tf.uint16)
        return tf.cast(tf.reshape(size, [2]), tf.int32)

    def other() -> tf.Tensor:
        return tf.cond(starts_with(_GIF), gif, lambda: tf.zeros([2], tf.int32))

    def jpeg_or_other() -> tf.Tensor:
        return tf.cond(starts_with(_JPEG), lambda: tf.image.extract_jpeg_shape(image_bytes)[:2], other)

    return tf.cond(starts_with(_PNG), png, jpeg_or_other)


def within_limit(image_bytes: tf.Tensor) -> tf.Tensor:
    """Returns the bytes of an image of at most `MAX_PIXELS`, and no bytes, which no decoder takes, beyond."""
    size = tf.cast(header_size(image_bytes), tf.int64)
    # A negative size is a PNG of more than 2^31 pixels a side.
    fits = (size[0] * size[1] <= MAX_PIXELS) & (tf.reduce_min(size) >= 0)
    return tf.where(fits, image_bytes, b"")
