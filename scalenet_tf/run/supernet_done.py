"""supernet/done.json: the result of the super-supernet's training."""

from __future__ import annotations

from typing import ClassVar

from scalenet_tf.config import UNSTATED, Sharing
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_if_there


class TrainingEnvironment(Environment):
    """Surroundings of the super-supernet's training.

    Attributes:
      resumed_at_step: Step that its last process went on from; 0 for a training in one go.
      workers: Number of workers.
    """

    resumed_at_step: int
    workers: int


class SupernetDone(SparseValue, FileValue):
    """A finished training of the super-supernet.

    Attributes:
      steps: Training steps.
      rollbacks: How often the training went back to an earlier checkpoint.
      sharing: Ops whose weights are shared; files from before there was a choice do not state it.
      channels: Channels of the images.
      classes: Number of classes.
      weights_digest: Digest of the weights that evaluation uses.
      last_weights_digest: Digest of the last weights, where evaluation uses their moving average.
      provenance: What decided the weights.
      environment: Times and machine.
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


def read_supernet_done(run: RunFolder) -> SupernetDone | None:
    """Reads supernet/done.json; None while the super-supernet is not trained.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = f"Put it back, or remove it and repeat the last steps with: {run.command('train')}"
    return read_if_there(run.supernet_done_file, SupernetDone, advice)
