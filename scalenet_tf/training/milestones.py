"""Milestones of the super-supernet's training, and going back to the last one after a divergence."""

from __future__ import annotations

import logging
from dataclasses import replace

from scalenet_tf.config import SupernetConfig
from scalenet_tf.distribute.workers import Workers
from scalenet_tf.errors import DivergedError
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.log import ProgressLog


def is_milestone(step: int, config: SupernetConfig) -> bool:
    """Whether `step` is the first end of a window, where divergence is judged, since a checkpoint was due."""
    window = config.log_steps
    return step % window == 0 and step // config.checkpoint_steps > (step - window) // config.checkpoint_steps


def roll_back(checkpoints: Checkpoints, lost: Position, log: ProgressLog, workers: Workers) -> Position:
    """Goes back to the last milestone and halves the learning rate; raises the second time."""
    if lost.rollbacks:
        raise DivergedError(
            f"the super-supernet's training diverged at step {lost.step}, again, after a roll-back at half "
            "the rate. Start a new run with a lower supernet.learning_rate, a longer supernet.warmup_steps "
            "or a smaller supernet.clip_norm."
        )
    position = checkpoints.restore_milestone()
    workers.check_same("the last milestone is of step", position.step)
    position = replace(position, rate_factor=position.rate_factor / 2, rollbacks=1)
    checkpoints.save(position, milestone=True)
    log.rewind(position.step)
    log.say(
        f"super-supernet: diverged at step {lost.step}; going on from step {position.step} at "
        f"{position.rate_factor:g} times the learning rate",
        logging.WARNING,
    )
    return position
