"""The format that all decoded images of a set share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import tensorflow as tf

from scalenet_tf.data.decoder import DECODER, Decoder
from scalenet_tf.data.fit import Fit, stored


@dataclass(frozen=True)
class ImageFormat:
    """The format that all decoded images of a set share.

    Attributes:
      size: Side in pixels.
      channels: 1 or 3.
      decoder: The decoder of the files.
      fit: Rule by which images of other proportions become squares.
      resized: Whether images are resized to `size`. Otherwise, they must have that size.
      converted: Whether images are converted to `channels`. Otherwise, colour is not taken for grey.
    """

    size: int
    channels: int
    decoder: Decoder = DECODER
    fit: Fit = "crop"
    resized: bool = field(default=False)
    converted: bool = field(default=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size, self.size, self.channels

    @property
    def key(self) -> str:
        """The properties that decide the pixels of images, and which of them fit."""
        return repr((self.size, self.channels, self.decoder, self.fit, self.resized, self.converted))

    def decode(self, image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Decodes and resizes one image.

        Returns:
          uint8 [size, size, channels], black if the image does not fit the set, and what was stored, int32
          [4], see `Decoder.decode_and_tell`.
        """
        return _decoding(self)(image_bytes)

    def _decode(self, image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        convert = self.channels if self.converted else 0
        image, found = self.decoder.decode_and_tell(image_bytes, convert)
        fits = tf.shape(image)[2] == self.channels
        if not self.resized:
            fits &= tf.reduce_all(tf.shape(image)[:2] == self.size)
        image = tf.cond(fits, lambda: self._sized(image), lambda: tf.zeros(self.shape, tf.uint8))
        return tf.ensure_shape(image, self.shape), found

    def _sized(self, image: tf.Tensor) -> tf.Tensor:
        if not self.resized:
            return image
        image = tf.ensure_shape(image, [None, None, self.channels])
        return tf.cast(stored(image[None], self.size, self.fit, self.decoder.background)[0], tf.uint8)


@cache
def _decoding(image_format: ImageFormat) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """The decoding as one function, which all pipelines of a process share: tracing it takes long."""
    return tf.function(image_format._decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
