"""The one decoder of images: for training, evaluation, prediction, components and served graphs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from scalenet_tf.data.exif import has_no_note, is_simple_png, upright
from scalenet_tf.data.image_header import MAX_PIXELS, within_limit
from scalenet_tf.data.other_formats import decode_other_in_graph

WHITE = (255, 255, 255)
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# Of red, green and blue in grey (ITU-R 601), as fractions of 65536; Pillow has the same.
_GREY = (19595, 38470, 7471)


@dataclass(frozen=True)
class Decoder:
    """Turns the content of image files into pixels.

    Attributes:
      background: Red, green and blue that transparent pixels are laid over, 0 to 255.
      plain: Whether pixels are decoded as earlier versions did: not turned, and without alpha.
    """

    background: tuple[int, int, int] = WHITE
    plain: bool = False

    def decode(self, image_bytes: tf.Tensor, channels: int = 0) -> tf.Tensor:
        """Decodes a file of any known format.

        An image of more than `image_header.MAX_PIXELS` is an error like one that is damaged.

        Args:
          image_bytes: A scalar string.
          channels: 1 or 3, to which the image is converted; 0 for grey or colour as stored.

        Returns:
          uint8 [H, W, 1 or 3].
        """
        return self.decode_and_tell(image_bytes, channels)[0]

    def decode_and_tell(self, image_bytes: tf.Tensor, channels: int = 0) -> tuple[tf.Tensor, tf.Tensor]:
        """Decodes a file as `decode` does.

        Returns:
          The image, and int32 [4]: its height and width, the number of its channels as stored, 1 to 4, and
          its EXIF orientation, 1 to 8.
        """
        if self.plain:
            return _plain(image_bytes, channels)
        image, orientation = _stored(image_bytes)
        return self._finished(image, orientation, channels)

    def stored(self, image_bytes: tf.Tensor) -> tf.Tensor:
        """Decodes a file of any known format to uint8 [H, W, 1 to 4], with its own channels and alpha."""
        return _stored(image_bytes)[0]

    def decode_served(self, image_bytes: tf.Tensor, channels: int) -> tf.Tensor:
        """Decodes a JPEG or PNG with TensorFlow's operations alone; its size has been checked before."""
        if self.plain:
            return tf.io.decode_image(image_bytes, channels=channels, expand_animations=False)
        image, orientation = _of_tensorflow(image_bytes)
        return self._finished(image, orientation, channels)[0]

    def _finished(
        self, image: tf.Tensor, orientation: tf.Tensor, channels: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        stored = tf.shape(image)
        fits = stored[2] == channels if channels else stored[2] % 2 == 1
        image = tf.cond(fits, lambda: image, lambda: _converted(image, channels, self.background))
        image = tf.ensure_shape(image, [None, None, channels or None])
        return image, tf.concat([stored, orientation[None]], 0)


DECODER = Decoder()


@tf.function(experimental_attributes={"_noinline": True})
def _converted(image: tf.Tensor, channels: int, background: tuple[int, int, int]) -> tf.Tensor:
    """Converts an image [H, W, 1 to 4] to one without alpha, of 1 or 3 channels, or with 0 as stored."""
    opaque = tf.cond(tf.shape(image)[2] % 2 == 0, lambda: _laid_over(image, background), lambda: image)
    return with_channels(opaque, channels)


def _laid_over(image: tf.Tensor, background: tuple[int, int, int]) -> tf.Tensor:
    count = tf.shape(image)[2] - 1
    colours, alpha = tf.cast(image[..., :count], tf.int32), tf.cast(image[..., count:], tf.int32)
    behind = tf.cond(count == 1, lambda: background_of(background, 1), lambda: background_of(background, 3))
    behind = tf.cast(behind, tf.int32)
    return tf.cast((colours * alpha + behind * (255 - alpha) + 127) // 255, tf.uint8)


def background_of(colour: tuple[int, int, int], channels: int) -> tf.Tensor:
    """Returns a colour as one pixel, uint8 [1, 1, channels], grey if there is one channel."""
    pixel = tf.constant(colour, tf.uint8)[None, None]
    return _grey(pixel) if channels == 1 else pixel


def with_channels(image: tf.Tensor, channels: int) -> tf.Tensor:
    """Converts an image uint8 [H, W, 1 or 3] to grey or colour.

    Args:
      image: The image.
      channels: 1 or 3; 0 to leave it as it is.
    """
    if channels == 0:
        return image
    stored = tf.shape(image)[2]

    def convert() -> tf.Tensor:
        return _grey(image) if channels == 1 else tf.repeat(image, 3, axis=2)

    return tf.cond(stored == channels, lambda: image, convert)


def _grey(image: tf.Tensor) -> tf.Tensor:
    weighted = tf.reduce_sum(tf.cast(image, tf.int32) * tf.constant(_GREY), axis=2, keepdims=True)
    return tf.cast((weighted + 2**15) // 2**16, tf.uint8)


def starts_with(image_bytes: tf.Tensor, magic: bytes) -> tf.Tensor:
    """Whether a scalar string begins with some bytes."""
    return tf.strings.substr(image_bytes, 0, len(magic)) == magic


def is_jpeg_or_png(image_bytes: tf.Tensor) -> tf.Tensor:
    """Whether the content of a file begins like a JPEG's or a PNG's."""
    return starts_with(image_bytes, _JPEG) | starts_with(image_bytes, _PNG)


def _stored(image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Decodes a file to uint8 [H, W, 1 to 4], as it is to be seen; and gives its orientation."""

    def quick() -> tuple[tf.Tensor, tf.Tensor]:
        size = tf.cast(tf.image.extract_jpeg_shape(image_bytes), tf.int64)
        return _pixels(tf.where(size[0] * size[1] <= MAX_PIXELS, image_bytes, b"")), tf.constant(1)

    def other() -> tuple[tf.Tensor, tf.Tensor]:
        simple = is_simple_png(image_bytes)
        return tf.cond(simple, lambda: (_pixels(image_bytes), tf.constant(1)), lambda: _apart(image_bytes))

    return tf.cond(has_no_note(image_bytes), quick, other)


def _apart(image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Decodes a file by a function that is traced once in a process.

    Within the graph of a pipeline its hundreds of operations would be prepared anew in every pipeline.
    """
    if tf.executing_eagerly():
        return _any_format(image_bytes)
    image, orientation = tf.numpy_function(_decode_once, [image_bytes], [tf.uint8, tf.int32], stateful=False)
    return tf.ensure_shape(image, [None, None, None]), tf.ensure_shape(orientation, [])


def _decode_once(image_bytes: bytes) -> tuple[np.ndarray, np.int32]:
    try:
        image, orientation = _any_format(tf.constant(image_bytes))
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(error.message) from None  # is an InvalidArgumentError again in the pipeline
    return image.numpy(), orientation.numpy()


# A function of its own, so that its operations cost nothing where it is not called; traced once in a process.
@tf.function(input_signature=[tf.TensorSpec([], tf.string)], experimental_attributes={"_noinline": True})
def _any_format(image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    image_bytes = within_limit(image_bytes)
    return tf.cond(
        is_jpeg_or_png(image_bytes),
        lambda: _of_tensorflow(image_bytes),
        lambda: decode_other_in_graph(image_bytes),
    )


@tf.function(input_signature=[tf.TensorSpec([], tf.string)], experimental_attributes={"_noinline": True})
def _of_tensorflow(image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    return upright(_pixels(image_bytes), image_bytes)


def _pixels(image_bytes: tf.Tensor) -> tf.Tensor:
    image = tf.io.decode_image(image_bytes, expand_animations=False)
    return tf.ensure_shape(image, [None, None, None])


def _plain(image_bytes: tf.Tensor, channels: int) -> tuple[tf.Tensor, tf.Tensor]:
    image = tf.io.decode_image(within_limit(image_bytes), channels=channels, expand_animations=False)
    found = tf.shape(image)[2]
    image = image[:, :, : found - tf.cast(found % 2 == 0, tf.int32)]
    return image, tf.concat([tf.shape(image), [1]], 0)
