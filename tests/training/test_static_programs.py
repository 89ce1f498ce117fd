"""The step of static shapes, compiled by XLA, is the dynamic step: in its results, and in what it leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import Sharing, SupernetConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.row_slices import flatten
from scalenet_tf.models.subnet_code import SubnetCode, encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.training.static_programs import StaticPrograms
from scalenet_tf.training.train_step import (
    StepParts,
    StepResult,
    make_optimizer,
    make_train_step,
    make_update,
)
from tests.helpers.networks import BLOCKS, MIXED, SHORT, images
from tests.helpers.sharings import BOTH, SLOT_FIRST

STRATEGY = tf.distribute.get_strategy()
BATCH = 4
CONFIG = SupernetConfig(batch_size=BATCH, weight_decay=0.1)
# One stage that mixes kernels, expansions, and squeeze-excite on and off: a program that compiles soon.
ONE_STAGE = MIXED.model_copy(
    update={
        "stages": (
            SHORT.stages[0].model_copy(update={"ops": tuple(SHORT.stages[0].ops[i] for i in (0, 2))}),
        ),
        "menus": (MIXED.menus[0].model_copy(update={"resolution": (8,)}),),
    }
)


class Trainer:
    """A super-supernet in mid-training, with its step: dynamic or of static shapes."""

    def __init__(self, space: SearchSpace, static: bool, dtype: str, sharing: Sharing = "op"):
        spec = (tf.TensorSpec([None, None, None, space.channels], dtype), tf.TensorSpec([None], tf.int32))
        self.space, self.dtype = space, dtype
        self.net = SuperSupernet(space, seed=0, sharing=sharing, dtype=dtype)
        self.optimizer = make_optimizer(self.net, CONFIG)
        rng = np.random.default_rng(0)
        for slot in self.optimizer.slots.values():  # momentum everywhere, so that a leak would show
            slot.assign(rng.normal(0, 0.01, slot.shape))
        self.said: list[str] = []
        parts = StepParts(self.net, self.optimizer, STRATEGY, CONFIG, static=static, say=self.said.append)
        self._step = make_train_step(parts, spec)

    def step(self, subnet: Subnet, seed: int, resolution: int) -> StepResult:
        pixels, labels = batch(self.space, seed, resolution)
        return self._step(tf.cast(pixels, self.dtype), labels, encode_subnet(self.space, subnet), RATE)

    def state(self) -> dict[str, np.ndarray]:
        """Weights and momentum by path: [2, rows, …]."""
        slots = self.optimizer.slots
        return {v.path: np.stack([v.numpy(), slots[v.path].numpy()]) for v in self.net.trainable_variables}


RATE = tf.constant(0.1)


def batch(space: SearchSpace, seed: int, resolution: int) -> tuple[tf.Tensor, tf.Tensor]:
    labels = np.random.default_rng(seed).integers(0, space.classes, BATCH)
    return tf.constant(images(space, resolution, BATCH, seed)), tf.constant(labels, tf.int32)


def check_agreement(
    space: SearchSpace,
    subnets: list[Subnet],
    dtype: str = "float32",
    tolerance: float = 1e-4,
    sharing: Sharing = "op",
) -> list[str]:
    """Steps both ways: the same, and untouched to the bit wherever the dynamic step touches nothing.

    Returns: what the compiled way said.
    """
    dynamic, compiled = (Trainer(space, static, dtype, sharing) for static in (False, True))
    untouched = 0
    for seed, subnet in enumerate(subnets):
        before_dynamic, before = dynamic.state(), compiled.state()
        results = [way.step(subnet, seed, subnet.resolution) for way in (dynamic, compiled)]
        np.testing.assert_allclose(*results, rtol=tolerance)
        after = compiled.state()
        for path, expected in dynamic.state().items():
            np.testing.assert_allclose(after[path], expected, rtol=tolerance, atol=tolerance, err_msg=path)
            left = (expected == before_dynamic[path]).all(0)
            np.testing.assert_array_equal(after[path][:, left], before[path][:, left], err_msg=path)
            untouched += left.sum()
    assert untouched > 0
    return compiled.said


@SLOT_FIRST
def test_one_program_trains_every_depth_and_op_as_the_dynamic_step_does(sharing: Sharing) -> None:
    draws = [draw_subnet(ONE_STAGE, 0, step).subnet for step in range(5)]
    assert {len(subnet.stages[0].ops) for subnet in draws} == {1, 2}
    [said] = check_agreement(ONE_STAGE, draws, sharing=sharing)
    assert said == (
        "super-supernet: compiling program 1 of at most 1, for 8 px and 8 channels in the last stage"
    )


@pytest.mark.slow
@SLOT_FIRST
def test_depth_and_ops_are_data_of_the_compiled_program(sharing: Sharing) -> None:
    # A constant among them would be a compilation for each of its values.
    net = SuperSupernet(ONE_STAGE, seed=0, sharing=sharing)
    update = make_update(StepParts(net, make_optimizer(net, CONFIG), STRATEGY, CONFIG))
    codes = [encode_subnet(ONE_STAGE, draw_subnet(ONE_STAGE, 0, number).subnet) for number in range(3)]
    widths = tuple(int(width) for width in codes[0].widths)

    @tf.function(autograph=False, jit_compile=True)
    def program(images: Any, labels: Any, depth: Any, ops: Any) -> StepResult:
        return update(images, labels, SubnetCode(widths, depth, ops), RATE)[0]

    arguments = batch(ONE_STAGE, 0, 8)
    texts = {program.experimental_get_compiler_ir(*arguments, c.depth, c.ops)("hlo") for c in codes}
    assert len(texts) == 1


@pytest.mark.slow
@BOTH
def test_stages_of_every_kind_agree(sharing: Sharing) -> None:
    draws = [draw_subnet(MIXED, 0, step, (1, 0)).subnet for step in range(6)]
    check_agreement(MIXED, draws, sharing=sharing)


@pytest.mark.slow
@BOTH
def test_stages_of_every_block_agree(sharing: Sharing) -> None:
    draws = [draw_subnet(BLOCKS, 0, step, (1, 0)).subnet for step in range(4)]
    check_agreement(BLOCKS, draws, "float64", 1e-9, sharing)


@pytest.mark.slow
@BOTH
def test_the_small_space_agrees_in_every_scaling_stage(sharing: Sharing) -> None:
    # In float32 the gradients of an untrained network of this depth differ by rounding in the third digit.
    space = load_space("small")
    subnets = [draw_subnet(space, 3, 0, tuple(np.eye(4)[s])).subnet for s in range(4)]
    assert len(check_agreement(space, subnets, "float64", 1e-9, sharing)) == 4


@pytest.mark.slow
def test_the_losses_of_the_small_space_agree_in_float32() -> None:
    space = load_space("small")
    dynamic, compiled = (Trainer(space, static, "float32") for static in (False, True))
    for stage in range(4):
        subnet = draw_subnet(space, 3, 0, tuple(np.eye(4)[stage])).subnet
        losses = [way.step(subnet, stage, subnet.resolution).loss for way in (dynamic, compiled)]
        np.testing.assert_allclose(*losses, rtol=1e-4)
        for variable, other in zip(dynamic.net.variables, compiled.net.variables, strict=True):
            other.assign(variable)


@pytest.mark.slow
@BOTH
def test_a_program_of_the_papers_space_agrees(sharing: Sharing) -> None:
    # Its base's widths and ops, on images so small that XLA's code for a CPU is done in time. Without the
    # larger stages, and one network after the other, it takes little memory.
    paper = load_space("paper")
    space = paper.model_copy(update={"menus": paper.menus[:1]})
    subnet = draw_subnet(space, 0, 0).subnet

    def outcome(static: bool) -> list[np.ndarray]:
        trainer = Trainer(space, static, "float64", sharing)
        result = trainer.step(subnet, 0, resolution=32)
        moved = flatten(trainer.net.select(encode_subnet(space, subnet)))
        return [np.asarray(part) for part in (*result, *(part.values for part in moved))]

    for compiled, dynamic in zip(outcome(static=True), outcome(static=False), strict=True):
        np.testing.assert_allclose(compiled, dynamic, rtol=1e-9, atol=1e-9)


def test_static_shapes_on_several_replicas_are_for_tpus() -> None:
    class Two(tf.distribute.OneDeviceStrategy):
        num_replicas_in_sync = 2

    with pytest.raises(ScaleNetError, match=r"one replica, or on a TPU's\. Received: 2 replicas of Two"):
        StaticPrograms(lambda *_: None, Two("/cpu:0"), MIXED)
