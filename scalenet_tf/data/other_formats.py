"""Image formats that TensorFlow does not decode, or not completely: GIF, BMP, WebP and TIFF, by Pillow."""

from __future__ import annotations

import io

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from scalenet_tf.data.image_header import MAX_PIXELS

FORMATS = ("GIF", "BMP", "WEBP", "TIFF")
# Modes of Pillow in which it decodes each number of channels; others are converted to the last but one.
_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
_SIXTEEN_BITS = "I;16"


def decode_other(image_bytes: bytes) -> tuple[np.ndarray, int]:
    """Decodes the first frame of a GIF, BMP, WebP or TIFF.

    Args:
      image_bytes: Content of the file.

    Returns:
      uint8 [H, W, 1 to 4], turned by its EXIF orientation, with alpha last; and that orientation, 1 to 8.

    Raises:
      ValueError: If it is none of these formats, is damaged, or has more than `image_header.MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(image_bytes), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width:,} x {image.height:,} pixels, the limit is {MAX_PIXELS:,}")
            orientation = _orientation(image)
            pixels = _pixels(ImageOps.exif_transpose(image))
    except ValueError:
        raise
    except Exception as error:  # decoders of damaged files raise errors of every kind
        raise ValueError(f"not a whole {', '.join(FORMATS)} image: {error}") from error
    return pixels, orientation


def decode_other_in_graph(image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """`decode_other` within a pipeline; a bad image is an InvalidArgumentError, like one of TensorFlow's."""
    pixels, orientation = tf.numpy_function(_decode, [image_bytes], [tf.uint8, tf.int32], stateful=False)
    return tf.ensure_shape(pixels, [None, None, None]), tf.ensure_shape(orientation, [])


def _decode(image_bytes: bytes) -> tuple[np.ndarray, np.int32]:
    pixels, orientation = decode_other(image_bytes)
    return pixels, np.int32(orientation)


def _orientation(image: Image.Image) -> int:
    found = image.getexif().get(0x0112, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _pixels(image: Image.Image) -> np.ndarray:
    if image.mode.startswith(_SIXTEEN_BITS):
        return (np.asarray(image) >> 8).astype(np.uint8)[..., None]
    # Pillow opens a GIF whose palette is a ramp of greys as L, and notes the transparent one beside it.
    if image.mode not in _CHANNELS or (image.mode == "L" and image.has_transparency_data):
        image = image.convert(_mode(image))
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _mode(image: Image.Image) -> str:
    """The mode of `_CHANNELS` that an image of another mode, or a transparent one in L, is decoded to."""
    if image.mode in ("I", "F"):
        raise ValueError(f"pixels of 32 bits (mode {image.mode}), whose range is not known")
    if image.mode == "1":
        return "L"
    if image.mode == "L":
        return "LA"
    transparent = image.has_transparency_data
    return "RGBA" if transparent else "RGB"
