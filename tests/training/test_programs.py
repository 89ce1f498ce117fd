"""The step of static shapes, compiled by XLA, is the dynamic step: in results, and in what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from networks import MIXED, images
from test_sliced_optimizer import STRATEGY, used_parts

from scalenet_tf.config import SupernetConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.subnet_code import encode_subnet
from scalenet_tf.supernet import SuperSupernet
from scalenet_tf.training.step import StepResult, make_optimizer, make_train_step

BATCH = 4


class Trainer:
    """A super-supernet with its step, dynamic or of static shapes."""

    def __init__(self, space: SearchSpace, static: bool):
        config = SupernetConfig(batch_size=BATCH, weight_decay=0.1)
        spec = (tf.TensorSpec([None, None, None, space.channels]), tf.TensorSpec([None], tf.int32))
        self.space = space
        self.net = SuperSupernet(space, seed=0)
        self.optimizer = make_optimizer(self.net, config)
        self.said: list[str] = []
        self._step = make_train_step(
            self.net, self.optimizer, STRATEGY, config, spec, static=static, say=self.said.append
        )

    def step(self, subnet: Subnet, seed: int, resolution: int) -> StepResult:
        labels = np.random.default_rng(seed).integers(0, self.space.classes, BATCH)
        batch = tf.constant(images(self.space, resolution, BATCH, seed)), tf.constant(labels, tf.int32)
        return self._step(*batch, encode_subnet(self.space, subnet), tf.constant(0.1))

    def state(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        slots = self.optimizer.slots
        return {v.path: (v.numpy(), slots[v.path].numpy()) for v in self.net.trainable_variables}


def agreeing(
    space: SearchSpace, subnets: list[Subnet], resolution: int | None = None
) -> Iterator[tuple[Subnet, Any, Any, Trainer]]:
    """Steps both ways, and checks that results, weights and momentum stay within 1e-4 of each other."""
    dynamic, compiled = Trainer(space, static=False), Trainer(space, static=True)
    for seed, subnet in enumerate(subnets):
        before = compiled.state()
        results = [way.step(subnet, seed, resolution or subnet.resolution) for way in (dynamic, compiled)]
        np.testing.assert_allclose(*results, rtol=1e-4)
        after = compiled.state()
        for path, expected in dynamic.state().items():
            np.testing.assert_allclose(after[path], expected, rtol=1e-4, atol=1e-4, err_msg=path)
        yield subnet, before, after, compiled


def test_one_program_trains_every_depth_and_op_as_the_dynamic_step_does() -> None:
    # One width and one resolution; ops of several expansions, with and without squeeze-excite.
    subnets = [draw_subnet(MIXED, 0, step, (1, 0)).subnet for step in range(6)]
    assert len({subnet.key for subnet in subnets}) == 6
    for subnet, before, after, compiled in agreeing(MIXED, subnets):
        for path, mask in used_parts(subnet).items():
            mask = np.broadcast_to(mask, before[path][0].shape)
            for old, new in zip(before[path], after[path], strict=True):
                np.testing.assert_array_equal(new[~mask], old[~mask], err_msg=path)
            assert not mask.any() or (before[path][0] != after[path][0])[mask].any(), path
    [said] = compiled.said
    assert said.startswith("super-supernet: compiling program 1 of at most 5, for 17 px and 8 channels")


@pytest.mark.slow
def test_the_small_space_agrees_in_every_scaling_stage() -> None:
    space = load_space("small")
    subnets = [draw_subnet(space, 3, 0, tuple(np.eye(4)[stage])).subnet for stage in range(4)]
    assert len(list(agreeing(space, subnets))) == 4


@pytest.mark.slow
def test_the_papers_space_agrees() -> None:
    # Its widths, on images so small that XLA's code for a CPU is done in time.
    space = load_space("paper")
    subnets = [draw_subnet(space, 0, step, (0, 1, 0, 0)).subnet for step in range(1)]
    assert len(list(agreeing(space, subnets, resolution=32))) == 1


