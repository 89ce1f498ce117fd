"""Checkpoints of the super-supernet's training."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.errors import DamagedFileError, first_line
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.run.layout import BETWEEN_MILESTONES
from scalenet_tf.training.checkpoint_files import checkpoints_in, make_way, number_of, repair_list
from scalenet_tf.training.ema import WeightAverage
from scalenet_tf.training.log_window import no_numbers
from scalenet_tf.training.loss_scale import LossScale
from scalenet_tf.training.optimizer import SlicedSGD
from scalenet_tf.training.stated_sharing import check_checkpoint, marker

logger = logging.getLogger(__name__)

# What TensorFlow raises for files that are truncated, corrupt or missing.
DAMAGE = (tf.errors.OpError, IndexError, RuntimeError)


@dataclass
class Position:
    """The point that a training has reached.

    Attributes:
      step: Number of steps done.
      rate_factor: Factor of the learning rate, 1 at first and halved by a roll-back.
      rollbacks: Number of roll-backs so far.
      window: Numbers of the steps since the last row of the log, from `Window.numbers`.
    """

    step: int = 0
    rate_factor: float = 1.0
    rollbacks: int = 0
    window: np.ndarray = field(default_factory=no_numbers)


class Checkpoints:
    """Saves and restores weights, momentum and position.

    Milestones are checkpoints at fixed steps. The last two are kept, and a roll-back goes to the last one, so
    that its target depends on neither time nor signals. A checkpoint between milestones only serves a resume,
    and the next one replaces it.

    Args:
      folder: Folder of the files.
      supernet: Super-supernet whose weights are saved.
      optimizer: Optimizer whose momentum is saved.
      steps: Number of steps of the whole training.
      window: Largest number of steps between two rows of the log.
      average: Moving average of the weights, if the training keeps one.
      loss_scale: Loss scale, if the training has one.
      writes: False for a worker that reads the chief's files and writes none.
    """

    def __init__(
        self,
        folder: Path,
        supernet: SuperSupernet,
        optimizer: SlicedSGD,
        steps: int,
        window: int,
        average: WeightAverage | None = None,
        loss_scale: LossScale | None = None,
        writes: bool = True,
    ):
        self._folder, self._steps = folder, steps
        self._sharing = supernet.sharing
        self._step = tf.Variable(0, dtype=tf.int64)
        self._rate_factor = tf.Variable(1.0, dtype=tf.float64)
        self._rollbacks = tf.Variable(0, dtype=tf.int64)
        self._window = tf.Variable(tf.zeros([window, 4], tf.float64))
        self._window_steps = tf.Variable(0, dtype=tf.int64)
        scaling = {} if loss_scale is None else {"loss_scale": tf.train.Checkpoint(**loss_scale.variables)}
        self._all = tf.train.Checkpoint(
            weights=weights_of(supernet),
            momentum=tf.train.Checkpoint(**_attributes(optimizer.slots)),
            **_average(average),
            step=self._step,
            rate_factor=self._rate_factor,
            rollbacks=self._rollbacks,
            window=self._window,
            window_steps=self._window_steps,
            **scaling,
            **marker(supernet.sharing),
        )
        self._between_folder = folder / BETWEEN_MILESTONES
        self._milestones = self._manager(folder, keep=2) if writes else None
        self._between = self._manager(self._between_folder, keep=1) if writes else None

    def _manager(self, folder: Path, keep: int) -> tf.train.CheckpointManager:
        repair_list(folder)
        return tf.train.CheckpointManager(self._all, str(folder), max_to_keep=keep)

    def save(self, position: Position, milestone: bool) -> None:
        """Writes a checkpoint; an earlier one stays until this one is complete."""
        self._step.assign(position.step)
        self._rate_factor.assign(position.rate_factor)
        self._rollbacks.assign(position.rollbacks)
        steps = len(position.window)
        self._window.assign(np.pad(position.window, [(0, self._window.shape[0] - steps), (0, 0)]))
        self._window_steps.assign(steps)
        manager = self._milestones if milestone else self._between
        if manager is None:
            return
        make_way(Path(manager.directory) / f"ckpt-{self._number}")
        # After a roll-back numbers go on from the last step: no file is written over, the largest is newest.
        manager.save(checkpoint_number=self._number)

    @property
    def step(self) -> int:
        """Step of the checkpoint last written or read."""
        return int(self._step)

    @property
    def _number(self) -> int:
        """Number of the checkpoint last written or read; it grows across roll-backs too."""
        return self.step + int(self._rollbacks) * (self._steps + 1)

    def restore(self) -> Position | None:
        """Reads the newest checkpoint that is not damaged.

        Training from an older checkpoint gives the same result, and writes the damaged ones again on its way.

        Returns:
          The position, or None if there is no checkpoint.

        Raises:
          ScaleNetError: If all checkpoints are damaged, or of another super-supernet.
        """
        found = [*checkpoints_in(self._folder), *checkpoints_in(self._between_folder)]
        for path in sorted(found, key=number_of, reverse=True):
            try:
                return self._read(path)
            except DAMAGE as error:
                logger.warning(
                    "super-supernet: the checkpoint %s is damaged and left out: %s", path, first_line(error)
                )
        if found:
            raise DamagedFileError(
                f"none of the checkpoints in {str(self._folder)!r} can be read: {sorted(found)}. Put their "
                "files back, or move that folder away and train again."
            )
        return None

    def restore_milestone(self) -> Position:
        """Reads the last milestone up to the current step; there is one at step 0."""
        earlier = [p for p in checkpoints_in(self._folder) if number_of(p) <= self._number]
        if not earlier:
            raise DamagedFileError(
                f"the training diverged, and {str(self._folder)!r} has no milestone to go back to. Put its "
                "files back, or move that folder away and train again."
            )
        path = earlier[-1]
        try:
            return self._read(path)
        except DAMAGE as error:
            raise DamagedFileError(
                f"the training diverged, and the checkpoint {path!r} to go back to is damaged "
                f"({first_line(error)}). Put its files back, or delete "
                f"{str(self._folder / BETWEEN_MILESTONES)!r}; then train again: it resumes from an older "
                "checkpoint."
            ) from error

    def _read(self, path: str) -> Position:
        check_checkpoint(path, self._sharing)
        try:
            self._all.restore(path).assert_consumed()
        except (AssertionError, ValueError) as error:
            raise DamagedFileError(
                f"{path!r} holds another super-supernet than config.yaml and space.json describe. Put them "
                "back as they were, or move that folder away and train again."
            ) from error
        window = self._window.numpy()[: int(self._window_steps)]
        return Position(self.step, float(self._rate_factor), int(self._rollbacks), window)


def _average(average: WeightAverage | None) -> dict[str, tf.train.Checkpoint]:
    if average is None:
        return {}
    return {
        "average": tf.train.Checkpoint(**_attributes(average.values)),
        "uses": tf.train.Checkpoint(**_attributes(average.uses)),
    }


def weights_of(supernet: SuperSupernet) -> tf.train.Checkpoint:
    return tf.train.Checkpoint(**_attributes({v.path: v.value for v in supernet.trainable_variables}))


def _attributes(variables: dict[str, tf.Variable]) -> dict[str, tf.Variable]:
    """Turns paths into attribute names, which a checkpoint needs."""
    return {path.replace("/", "__"): variable for path, variable in variables.items()}
