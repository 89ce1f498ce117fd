"""The state of a training on disk: whole or absent, the last two kept."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from scalenet_tf import files
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.strategy import make_strategy
from scalenet_tf.supernet import SuperSupernet
from scalenet_tf.training.optimizer import SlicedSGD


@dataclass
class Position:
    """Where a training stands.

    Attributes:
      step: Steps done.
      rate_factor: Of the learning rate; halved by a roll-back.
      rollbacks: How many there were.
    """

    step: int = 0
    rate_factor: float = 1.0
    rollbacks: int = 0


class Checkpoints:
    """Saves and restores weights, momentum and position.

    Args:
      folder: Where the files are.
      supernet: Whose weights.
      optimizer: Whose momentum.
    """

    def __init__(self, folder: Path, supernet: SuperSupernet, optimizer: SlicedSGD):
        self._step = tf.Variable(0, dtype=tf.int64)
        self._rate_factor = tf.Variable(1.0, dtype=tf.float64)
        self._rollbacks = tf.Variable(0, dtype=tf.int64)
        checkpoint = tf.train.Checkpoint(
            weights=_weights(supernet),
            momentum=tf.train.Checkpoint(**_attributes(optimizer.slots)),
            step=self._step,
            rate_factor=self._rate_factor,
            rollbacks=self._rollbacks,
        )
        self._manager = tf.train.CheckpointManager(checkpoint, str(folder), max_to_keep=2)

    def save(self, position: Position) -> None:
        """Writes everything; an earlier checkpoint stays until this one is whole."""
        self._step.assign(position.step)
        self._rate_factor.assign(position.rate_factor)
        self._rollbacks.assign(position.rollbacks)
        self._manager.save(checkpoint_number=position.step)

    def restore(self) -> Position | None:
        """Reads the newest checkpoint; None where there is none."""
        if not self._manager.latest_checkpoint:
            return None
        self._manager.checkpoint.restore(self._manager.latest_checkpoint).assert_consumed()
        return Position(int(self._step), float(self._rate_factor), int(self._rollbacks))


def load_supernet(run: Run) -> SuperSupernet:
    """Loads the trained super-supernet of a run, in the strategy at hand or else the run's own.

    Raises:
      ScaleNetError: where its training is not finished.

    Example:
      >>> net = load_supernet(Run.open("runs/first"))
    """
    if not (run.supernet / "done.json").is_file():
        raise ScaleNetError(
            f"the super-supernet of {str(run.path)!r} is not trained yet. Train it with: "
            f"scalenet train --run {run.path}"
        )
    info = files.read_json(run.supernet / "done.json")
    space = load_space(run.config.space).for_data(info["channels"], info["classes"])
    inside = tf.distribute.has_strategy()
    with nullcontext() if inside else make_strategy(run.config.strategy, run.config.tpu).scope():
        supernet = SuperSupernet(space, run.config.seed)
    reader = tf.train.Checkpoint(weights=_weights(supernet))
    reader.restore(tf.train.latest_checkpoint(str(run.supernet))).expect_partial()
    return supernet


def _weights(supernet: SuperSupernet) -> tf.train.Checkpoint:
    return tf.train.Checkpoint(**_attributes({v.path: v.value for v in supernet.trainable_variables}))


def _attributes(variables: dict[str, tf.Variable]) -> dict[str, tf.Variable]:
    """Paths as the attribute names that a checkpoint takes."""
    return {path.replace("/", "__"): variable for path, variable in variables.items()}
