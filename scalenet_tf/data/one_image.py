"""Reading one image file that a user names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from scalenet_tf.data.decoder import DECODER, Decoder, is_jpeg_or_png
from scalenet_tf.data.image_files import stored_file
from scalenet_tf.data.image_header import too_large
from scalenet_tf.errors import first_line


class UnreadableImageError(Exception):
    """A file is not an image that can be read.

    Attributes:
      reason: The reason alone; the text of the error begins with "cannot be".
    """

    def __init__(self, what: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{what} ({reason})")


def read_image(path: Path, channels: int = 0, decoder: Decoder = DECODER) -> tf.Tensor:
    """Decodes an image file, without opening anything else, such as a pipe, which would wait forever.

    Args:
      path: The file.
      channels: 1 or 3, to which the image is converted; 0 for those that are stored.
      decoder: The decoder.

    Returns:
      uint8 [H, W, channels].

    Raises:
      UnreadableImageError: If it cannot be read or decoded.
    """
    content = _content(path)
    return _decoded(content, lambda: decoder.decode(content, channels))


def jpeg_or_png(path: Path) -> bytes:
    """Reads an image file as a JPEG or PNG that can be decoded; one of another format is encoded as PNG.

    Raises:
      UnreadableImageError: If it cannot be read or decoded.
    """
    content = _content(path)
    if is_jpeg_or_png(content):
        _decoded(content, lambda: DECODER.decode(content))
        return content
    pixels = _decoded(content, lambda: DECODER.stored(content))
    return bytes(tf.io.encode_png(pixels).numpy())


def _content(path: Path) -> bytes:
    problem = stored_file(str(path)).problem
    if problem is not None:
        raise UnreadableImageError("cannot be read", problem)
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableImageError("cannot be read", str(error.strerror)) from error


def _decoded(content: bytes, decode: Callable[[], tf.Tensor]) -> tf.Tensor:
    try:
        return decode()
    except tf.errors.InvalidArgumentError as error:
        reason = too_large(content) or _unread_kind(content) or first_line(error)
        raise UnreadableImageError("cannot be decoded as an image", reason) from error


def _unread_kind(content: bytes) -> str | None:
    """The kind of an image that phones write and nothing here reads, with the remedy; None for others."""
    if content[4:8] != b"ftyp":  # ISO base media, ISO/IEC 14496-12
        return None
    kind = {b"avif": "AVIF", b"avis": "AVIF"}.get(content[8:12], "HEIC")
    return f"{kind} is not read: convert it to JPEG"
