"""Multiply-adds of a training, and the number of steps that a budget of them pays for."""

from __future__ import annotations

from scalenet_tf.config import SupernetConfig
from scalenet_tf.forecast.work import step_macs as macs_of
from scalenet_tf.sampling import TrainingDraws
from scalenet_tf.space import SearchSpace


def step_macs(space: SearchSpace, config: SupernetConfig, seed: int, step: int) -> int:
    """Multiply-adds of the forward passes of one training step; a teacher's pass counts once, as training."""
    draw = TrainingDraws(space, seed, config.draw, config.stage_weights).at(step)
    return config.batch_size * macs_of(space, config, draw)


def forward_macs(space: SearchSpace, config: SupernetConfig, seed: int, steps: int) -> int:
    """Multiply-adds of the forward passes of the first `steps` steps."""
    return sum(step_macs(space, config, seed, step) for step in range(steps))


def steps_within(space: SearchSpace, config: SupernetConfig, seed: int, macs: int) -> int:
    """The number of steps, at least 1, whose multiply-adds are nearest to `macs`."""
    spent = step = 0
    while True:
        added = step_macs(space, config, seed, step)
        if step and spent + added / 2 > macs:
            return step
        spent += added
        step += 1
