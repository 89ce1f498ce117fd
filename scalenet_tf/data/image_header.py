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
    begin = tf.io.decode_raw(image_bytes, tf.uint8, fixed_length=24)  # zeros beyond the end

    def starts_with(magic: bytes) -> tf.Tensor:
        return tf.reduce_all(begin[: len(magic)] == list(magic))

    png = tf.bitcast(tf.reshape(begin[16:24], [2, 4])[:, ::-1], tf.int32)
    gif = tf.cast(tf.bitcast(tf.reshape(begin[6:10], [2, 2]), tf.uint16), tf.int32)
    others = tf.where(starts_with(_PNG), png, tf.where(starts_with(_GIF), gif, 0))
    return tf.cond(starts_with(_JPEG), lambda: tf.image.extract_jpeg_shape(image_bytes)[:2], lambda: others)


def too_large(image_bytes: tf.Tensor) -> str | None:
    """Says how many pixels an image of more than `MAX_PIXELS` has; None for any other."""
    try:
        sides = [int(side) & 0xFFFFFFFF for side in header_size(image_bytes).numpy()]
    except tf.errors.InvalidArgumentError:
        return None
    if sides[0] * sides[1] <= MAX_PIXELS:
        return None
    return f"{sides[0]:,} x {sides[1]:,} pixels, the limit is {MAX_PIXELS:,}"


# Traced once in a process, since every pipeline decodes images.
@tf.function(input_signature=[tf.TensorSpec([], tf.string)])
def within_limit(image_bytes: tf.Tensor) -> tf.Tensor:
    """Returns the bytes of an image of at most `MAX_PIXELS`, and no bytes, which no decoder takes, beyond."""
    size = tf.cast(header_size(image_bytes), tf.int64)
    # A negative size is a PNG of more than 2^31 pixels a side.
    fits = (size[0] * size[1] <= MAX_PIXELS) & (tf.reduce_min(size) >= 0)
    return tf.where(fits, image_bytes, b"")
