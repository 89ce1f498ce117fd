"""Reading one image file that a user names."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from scalenet_tf.data.decode import decode_image
from scalenet_tf.data.image_files import stored_file
from scalenet_tf.data.image_header import too_large


class UnreadableImageError(Exception):
    """A file is not an image that can be read.

    Attributes:
      reason: The reason alone; the text of the error begins with "cannot be".
    """

    def __init__(self, what: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{what} ({reason})")


def read_image(path: Path, channels: int = 0) -> tf.Tensor:
    """Decodes an image file, without opening anything else, such as a pipe, which would wait forever.

    Args:
      path: The file.
      channels: 1 or 3, to which the image is converted; 0 for those that are stored.

    Returns:
      uint8 [H, W, channels].

    Raises:
      UnreadableImageError: If it cannot be read or decoded.
    """
    problem = stored_file(str(path)).problem
    if problem is not None:
        raise UnreadableImageError("cannot be read", problem)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableImageError("cannot be read", str(error.strerror)) from error
    try:
        return decode_image(content, channels)
    except tf.errors.InvalidArgumentError as error:
        reason = too_large(content) or error.message
        raise UnreadableImageError("cannot be decoded as an image", str(reason)) from error
