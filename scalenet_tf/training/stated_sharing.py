"""The record in checkpoints and done.json of which ops share weights, so that another kind is refused."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.config import UNSTATED, Sharing
from scalenet_tf.errors import DamagedFileError
from scalenet_tf.training.checkpoint_files import check_files

_NAME = "sharing"


def marker(sharing: Sharing) -> dict[str, tf.Variable]:
    """Returns the entry of a checkpoint that states its sharing; none for that of unmarked checkpoints."""
    if sharing == UNSTATED:
        return {}
    with tf.device("cpu"):  # strings have no other device
        return {_NAME: tf.Variable(sharing, trainable=False, name=_NAME)}


def check_checkpoint(path: str, sharing: Sharing) -> None:
    """Raises ScaleNetError if the checkpoint at `path` was written with another sharing.

    Args:
      path: Prefix of the checkpoint's files.
      sharing: Sharing of the configuration.

    Raises:
      RuntimeError: If its files are no regular files. TensorFlow raises others for damaged ones.
    """
    check_files(path)
    reader, name = tf.train.load_checkpoint(path), f"{_NAME}/.ATTRIBUTES/VARIABLE_VALUE"
    stated = reader.get_tensor(name).decode() if reader.has_tensor(name) else UNSTATED
    check_sharing(path, stated, sharing)


def check_sharing(file: str, stated: str, sharing: Sharing) -> None:
    """Raises ScaleNetError if a file of a training states another sharing than the configuration.

    Args:
      file: Path of the file, for the message.
      stated: Sharing that it states.
      sharing: Sharing of the configuration.
    """
    if stated != sharing:
        raise DamagedFileError(
            f"{file!r} is of a training with `supernet.sharing: {stated}`. Received: {sharing!r}, from the "
            "run's config.yaml. Put config.yaml back as it was, or train in a new run."
        )
