"""The kinds of files that a member may have: export formats and compressed files; no TensorFlow here."""

from __future__ import annotations

from scalenet_tf.compress.options import METHODS
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.run.exports import Format

KINDS = (*(str(form) for form in Format), *METHODS)


def checked_kind(file: str) -> str:
    """Checks that a text names a kind of file, and returns it.

    Args:
      file: Export format or compression method, such as "onnx" or "ptq-int8".

    Raises:
      ScaleNetError: If it names none.
    """
    if file not in KINDS:
        raise InvalidInputError(
            f"`file` must be one of {', '.join(KINDS)}. Received: {file!r}.{nearest(file, KINDS)}"
        )
    return file
