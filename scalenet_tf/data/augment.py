"""Random augmentation of training images, a pure function of (seed, step, position in the batch)."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.config import AugmentationConfig


def augment(
    images: tf.Tensor,
    config: AugmentationConfig,
    *,
    key: tf.Tensor,
    position: int | tf.Tensor = 0,
    total: int | tf.Tensor | None = None,
) -> tf.Tensor:
    """Mirrors, shifts and erases images, each by its own random draw.

    Args:
      images: [N, S, S, C] uint8 or float32.
      config: The changes and their sizes.
      key: int64 [2], (seed, step).
      position: Position of the first image in the global batch of the step, so that the draws do not
        depend on the number of replicas that share the batch.
      total: Number of images in the global batch. Default: N.

    Returns:
      Images of the same shape and type; uncovered pixels are black, erased ones mid-grey.

    Example:
      >>> augment(images, AugmentationConfig(erase=0.2), key=tf.constant([0, 7], tf.int64)).shape
      TensorShape([128, 28, 28, 1])
    """
    count, side = tf.shape(images)[0], tf.shape(images)[1]
    draws = tf.random.stateless_uniform([count if total is None else total, 5], key)
    draws = draws[position : position + count]  # columns: flip, shift down, shift right, erase y, erase x
    if config.flip:
        images = tf.where(draws[:, 0, None, None, None] < 0.5, images[:, :, ::-1], images)
    if config.shift:
        images = _shift(
            images, _whole(draws[:, 1:3], 2 * _pixels(config.shift, side)) - _pixels(config.shift, side)
        )
    if config.erase:
        size = _pixels(config.erase, side)
        images = _erase(images, _whole(draws[:, 3:5], side - size), size)
    return images


def _pixels(fraction: float, side: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.round(fraction * tf.cast(side, tf.float32)), tf.int32)


def _whole(draws: tf.Tensor, largest: tf.Tensor) -> tf.Tensor:
    """Converts uniform draws in [0, 1) to integers in 0..largest."""
    return tf.minimum(tf.cast(draws * tf.cast(largest + 1, tf.float32), tf.int32), largest)


def _shift(images: tf.Tensor, offsets: tf.Tensor) -> tf.Tensor:
    """Moves each image by its (rows, columns) in `offsets`."""
    side = tf.shape(images)[1]
    source = tf.range(side) - offsets[..., None]  # [N, 2, S]
    inside = (source >= 0) & (source < side)
    source = tf.clip_by_value(source, 0, side - 1)
    images = tf.gather(images, source[:, 0], axis=1, batch_dims=1)
    images = tf.gather(images, source[:, 1], axis=2, batch_dims=1)
    seen = inside[:, 0, :, None, None] & inside[:, 1, None, :, None]
    return tf.where(seen, images, tf.zeros([], images.dtype))


def _erase(images: tf.Tensor, corners: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Fills a square of `size` pixels with grey, at each image's (row, column) in `corners`."""
    pixels = tf.range(tf.shape(images)[1])
    inside = (pixels >= corners[..., None]) & (pixels < corners[..., None] + size)  # [N, 2, S]
    square = inside[:, 0, :, None, None] & inside[:, 1, None, :, None]
    return tf.where(square, tf.cast(128, images.dtype), images)
