"""The rows of the training logs supernet/log.jsonl and members/sN/history.jsonl."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import read_rows


class TrainingRow(SparseValue):
    """Means over the last training steps of the super-supernet.

    Attributes:
      step: Number of the last of these steps.
      loss: Training loss.
      accuracy: Accuracy on the training batches, 0 to 1; for the task multi_label, their mean average
        precision, as the next one by stage.
      stage_loss: Training loss by scaling stage; stages that were not drawn are absent.
      stage_accuracy: Accuracy by scaling stage, 0 to 1; stages that were not drawn are absent.
      gradient_norm: Global norm of the gradient.
      learning_rate: Learning rate of the last step.
      images_per_second: Training speed.
      loss_scale: Loss scale; None if the precision does not use one.
      skipped_steps: Number of steps skipped so far because a gradient was not finite; None without a loss
        scale.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"loss_scale", "skipped_steps"})

    step: int
    loss: float
    accuracy: float
    stage_loss: dict[int, float]
    stage_accuracy: dict[int, float]
    gradient_norm: float
    learning_rate: float
    images_per_second: float
    loss_scale: float | None = None
    skipped_steps: int | None = None


class EpochRow(SparseValue):
    """Results of one epoch of a member's training.

    Attributes:
      epoch: Number of the epoch, from 1.
      accuracy: Mean accuracy on the training batches, 0 to 1; for the task multi_label, mean average
        precision, and so is val_accuracy.
      loss: Mean training loss.
      val_accuracy: Accuracy on the search-validation split, 0 to 1.
      val_loss: Loss on the search-validation split.
      metrics: Own metrics by name, those on the search-validation split as val_NAME; None if there are none.
        A value that is not finite is None.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"metrics"})

    epoch: int
    accuracy: float
    loss: float
    val_accuracy: float
    val_loss: float
    metrics: dict[str, float | None] | None = None

    @classmethod
    def of(cls, epoch: int, history: Mapping[str, Sequence[float]]) -> EpochRow:
        """Creates the row of the last epoch of a call of Keras' `fit`.

        Args:
          epoch: Number of the epoch, from 1.
          history: Values of each metric, one per epoch, as in `keras.callbacks.History`.
        """
        last = {name: values[-1] for name, values in history.items()}
        known = {name: last.pop(name) for name in ("accuracy", "loss", "val_accuracy", "val_loss")}
        own = {name: float(value) if math.isfinite(value) else None for name, value in last.items()}
        return cls(epoch=epoch, **known, metrics=own or None)


def read_training_log(file: Path) -> list[TrainingRow]:
    """Reads supernet/log.jsonl.

    Args:
      file: Path of the file.

    Returns:
      The rows; none if the file does not exist.

    Raises:
      ScaleNetError: If a row is damaged.
    """
    return read_rows(file, TrainingRow, "Put the file back, or remove that row.")


def read_history(file: Path) -> list[EpochRow]:
    """Reads a member's history.jsonl.

    Args:
      file: Path of the file.

    Returns:
      The rows; none if the file does not exist.

    Raises:
      ScaleNetError: If a row is damaged.
    """
    return read_rows(file, EpochRow, "Put the file back, or remove that row.")
