"""supernet/done.json: the result of the super-supernet's training."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from scalenet_tf.config import UNSTATED, Sharing
from scalenet_tf.errors import NotReadyError
from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.locks import LOCKS, TRAIN
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.utils.lock import living_holder
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_if_there


class TrainingEnvironment(Environment):
    """Time and machine of the super-supernet's training.

    Attributes:
      resumed_at_step: Step at which the last process resumed; 0 if the training was not interrupted.
      workers: Number of workers.
    """

    resumed_at_step: int
    workers: int


class SupernetDone(SparseValue, FileValue):
    """A finished training of the super-supernet.

    Attributes:
      steps: Number of training steps.
      rollbacks: Number of times that the training returned to an earlier checkpoint.
      sharing: Weight sharing between ops, see `SupernetConfig`; files of earlier versions do not contain it.
      channels: Number of image channels.
      classes: Number of classes.
      weights_digest: Digest of the weights used for evaluation.
      last_weights_digest: Digest of the raw weights if a moving average is used for evaluation, otherwise
        None.
      provenance: Everything that determines the weights.
      environment: Time and machine of the training.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"last_weights_digest"})

    steps: int
    rollbacks: int
    sharing: Sharing = UNSTATED
    channels: int
    classes: int
    weights_digest: str
    last_weights_digest: str | None = None
    provenance: Provenance
    environment: TrainingEnvironment


def read_supernet_done(run: RunFolder | str | Path) -> SupernetDone | None:
    """Reads supernet/done.json.

    Args:
      run: The run, or its path.

    Returns:
      The result, or None if the super-supernet is not trained yet.

    Raises:
      ScaleNetError: If there is no run at the path, or the file is damaged.
    """
    run = given_folder(run)
    advice = f"Put it back, or remove it and repeat the last steps with: {run.command('train')}"
    return read_if_there(run.supernet_done_file, SupernetDone, advice)


def require_supernet_done(run: RunFolder) -> SupernetDone:
    """Reads supernet/done.json.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If the super-supernet is not trained yet, or the file is damaged.
    """
    done = read_supernet_done(run)
    if done is not None:
        return done
    name = f"the super-supernet of {str(run.path)!r}"
    holder = living_holder(run.path / LOCKS / TRAIN)
    if holder is not None and not holder.is_this_process:
        raise NotReadyError(f"{name} is being trained by {holder}. Wait until it is done.")
    raise NotReadyError(f"{name} is not trained yet. Train it with: {run.command('train')}")
