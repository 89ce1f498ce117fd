"""Images of any proportions as squares: cropped, padded or squeezed."""

from __future__ import annotations

from typing import Literal

import tensorflow as tf

from scalenet_tf.data.decoder import WHITE, background_of
from scalenet_tf.data.resize import resize

Fit = Literal["crop", "pad", "squeeze"]


def fitted(
    images: tf.Tensor, side: int | tf.Tensor, fit: Fit, background: tuple[int, int, int] = WHITE
) -> tf.Tensor:
    """Resizes images to a square, as `resize` does; square images fit in every way.

    Args:
      images: [N, H, W, C], of any numeric type; all dimensions but C may be dynamic.
      side: New height and width in pixels, an int or a scalar tensor.
      fit: "crop" takes the centre of the longer side, "pad" adds background to the shorter one, "squeeze"
        changes the proportions.
      background: Red, green and blue of what "pad" adds, 0 to 255.

    Returns:
      float32 [N, side, side, C], in the range of the input.

    Example:
      >>> fitted(tf.zeros([8, 28, 40, 1], tf.uint8), 20, "crop").shape
      TensorShape([8, 20, 20, 1])
    """
    images = tf.convert_to_tensor(images)
    height, width = images.shape[1:3]
    if fit == "squeeze" or (height is not None and height == width):
        return resize(images, side)
    return resize(_centre(images), side) if fit == "crop" else _padded(images, side, background)


def stored(images: tf.Tensor, side: int, fit: Fit, background: tuple[int, int, int] = WHITE) -> tf.Tensor:
    """Pixels of images as a run stores them: `fitted`, and rounded.

    Args:
      images, side, fit, background: See `fitted`.

    Returns:
      float32 [N, side, side, C], whole numbers.
    """
    return tf.round(fitted(images, side, fit, background))


def fitted_by_way_of(
    image_size: int, images: tf.Tensor, side: int, fit: Fit, background: tuple[int, int, int] = WHITE
) -> tf.Tensor:
    """Pixels that a network is given in training and evaluation, of images of any size.

    Args:
      image_size: Side at which the run stores its images.
      images, fit, background: See `fitted`.
      side: Side of the network's own images. Images of that size are not changed.

    Returns:
      float32 [N, side, side, C], in the range of the input.
    """
    images = tf.convert_to_tensor(images)
    whole = tf.cond(
        tf.reduce_all(tf.shape(images)[1:3] == side),
        lambda: tf.cast(images, tf.float32),
        lambda: resize(stored(images, image_size, fit, background), side),
    )
    whole.set_shape([images.shape[0], side, side, images.shape[3]])
    return whole


def _centre(images: tf.Tensor) -> tf.Tensor:
    height, width = tf.unstack(tf.shape(images)[1:3])
    shorter = tf.minimum(height, width)
    top, left = (height - shorter) // 2, (width - shorter) // 2
    return images[:, top : top + shorter, left : left + shorter]


def _padded(images: tf.Tensor, side: int | tf.Tensor, background: tuple[int, int, int]) -> tf.Tensor:
    """Resizes the longer side to `side`, then adds background on both ends of the shorter one."""
    size = tf.shape(images)[1:3]
    side = tf.convert_to_tensor(side)
    exact = tf.cast(size * side, tf.float64) / tf.cast(tf.reduce_max(size), tf.float64)
    height, width = tf.unstack(tf.maximum(tf.cast(tf.round(exact), tf.int32), 1))

    def pad() -> tf.Tensor:
        inner = tf.image.resize(images, [height, width], method="bilinear", antialias=True)
        top, left = (side - height) // 2, (side - width) // 2
        ends = [[0, 0], [top, side - height - top], [left, side - width - left], [0, 0]]
        colour = tf.cast(background_of(background, images.shape[3]), tf.float32)
        return tf.pad(inner - colour, ends) + colour

    padded = tf.cond(size[0] == size[1], lambda: resize(images, side), pad)
    static = tf.get_static_value(side)
    padded.set_shape([images.shape[0], static, static, images.shape[3]])
    return padded
