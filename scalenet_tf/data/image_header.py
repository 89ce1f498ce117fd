"""The size of an image by its header, so that an image that is too large is refused before it is decoded."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from scalenet_tf.data.gif_webp import GIF, RIFF, unsafe

# 8192 x 8192: about 200 MB of pixels for each image that is decoded at the same time. A few hundred
# kilobytes of PNG can hold many times as many.
MAX_PIXELS = 2**26
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def header_size(image_bytes: tf.Tensor) -> tf.Tensor:
    """Reads the size of a PNG or JPEG without decoding it.

    Args:
      image_bytes: A scalar string.

    Returns:
      Width and height in either order, int32 [2]; zeros for anything else.
    """
    begin = tf.io.decode_raw(image_bytes, tf.uint8, fixed_length=24)  # zeros beyond the end
    png = tf.bitcast(tf.reshape(begin[16:24], [2, 4])[:, ::-1], tf.int32)
    return tf.cond(
        _starts_with(begin, _JPEG),
        lambda: tf.image.extract_jpeg_shape(image_bytes)[:2],
        lambda: tf.where(_starts_with(begin, _PNG), png, 0),
    )


def too_large(image_bytes: tf.Tensor) -> str | None:
    """Says why an image is too large to be decoded, or not safe; None for any other.

    The limit is `MAX_PIXELS`. Pixels of a BMP are not compressed, so its decoder needs no limit.
    """
    content = image_bytes if isinstance(image_bytes, bytes) else image_bytes.numpy()
    if (problem := unsafe(content, MAX_PIXELS)) is not None:
        return problem
    try:
        sides = [int(side) & 0xFFFFFFFF for side in header_size(content).numpy()]
    except tf.errors.InvalidArgumentError:
        return None
    if sides[0] * sides[1] <= MAX_PIXELS:
        return None
    return f"{sides[0]:,} x {sides[1]:,} pixels, the limit is {MAX_PIXELS:,}"


# Traced once in a process, since every pipeline decodes images.
@tf.function(input_signature=[tf.TensorSpec([], tf.string)])
def within_limit(image_bytes: tf.Tensor) -> tf.Tensor:
    """Returns the bytes of an image that `too_large` has nothing against, and no bytes, which no decoder
    takes, in place of any other."""
    begin = tf.io.decode_raw(image_bytes, tf.uint8, fixed_length=4)
    # Their headers take a loop; these formats are rare, and never in a graph that is served.
    python = _starts_with(begin, GIF) | _starts_with(begin, RIFF)
    return tf.cond(python, lambda: _checked_in_python(image_bytes), lambda: _checked(image_bytes))


def _checked(image_bytes: tf.Tensor) -> tf.Tensor:
    size = tf.cast(header_size(image_bytes), tf.int64)
    # A negative size is a PNG of more than 2^31 pixels a side.
    fits = (size[0] * size[1] <= MAX_PIXELS) & (tf.reduce_min(size) >= 0)
    return tf.where(fits, image_bytes, b"")


def _checked_in_python(image_bytes: tf.Tensor) -> tf.Tensor:
    def checked(content: bytes) -> np.ndarray:
        return np.array(content if unsafe(content, MAX_PIXELS) is None else b"", object)

    return tf.ensure_shape(tf.numpy_function(checked, [image_bytes], tf.string, stateful=False), [])


def _starts_with(begin: tf.Tensor, magic: bytes) -> tf.Tensor:
    return tf.reduce_all(begin[: len(magic)] == list(magic))
