"""Images that are damaged while a step streams them: named, in place of TensorFlow's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from scalenet_tf.data.corrupt import CorruptPart, describe
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.decode import read_images
from scalenet_tf.data.streaming import StreamedExamples
from scalenet_tf.errors import DamagedFileError, InvalidInputError

_PUT_BACK = (
    "They were whole when the step began: put them back as they were, then run the same command again. What "
    "was saved is kept."
)


@contextmanager
def damage_named(data: DataSet) -> Iterator[None]:
    """Raises an error that names the images if TensorFlow cannot read some of them inside the block.

    TensorFlow's error does not say which image it is, so all streamed images are decoded once more then.

    Args:
      data: The images that the block reads.

    Raises:
      ScaleNetError: If an image cannot be read or decoded any more.
    """
    try:
        yield
    except tf.errors.OpError as error:
        found = _damage(data)
        if found is None:
            raise
        raise DamagedFileError(f"{found}. {_PUT_BACK}") from error


def _damage(data: DataSet) -> str | None:
    """Says which images cannot be read now; None if all can be."""
    parts = []
    for examples in (data.train, data.validation, vars(data).get("test")):
        if not isinstance(examples, StreamedExamples):
            continue
        try:
            examples.encoded.check_files()
            good = read_images(examples.encoded, examples.rows, examples.image_format, keep=False).rows
        except (InvalidInputError, DamagedFileError) as error:
            return str(error).rstrip(".")
        if len(good) < len(examples.rows):
            lost = np.setdiff1d(examples.rows, good)
            parts.append(CorruptPart(examples.encoded, lost, len(examples.rows)))
    return describe(parts) if parts else None
