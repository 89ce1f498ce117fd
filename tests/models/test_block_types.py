"""Blocks beside MBConv: slices equal the plain models, costs the built ones, and unused weights stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from benchmarks.count_models import count
from scalenet_tf.config import Sharing, SupernetConfig
from scalenet_tf.costs.bases import encode
from scalenet_tf.costs.macs import cost, costs
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.models.features import feature_pyramid
from scalenet_tf.models.inherited_weights import copy_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BlockOp, Conv, Depthwise, Op, SearchSpace
from scalenet_tf.space.block_layers import BlockLayer
from scalenet_tf.training.train_step import StepParts, make_optimizer, make_train_step
from tests.costs.test_memory import walked
from tests.helpers.agreement import differences
from tests.helpers.networks import BLOCKS, images
from tests.helpers.sharings import SLOT_FIRST
from tests.helpers.used_layers import used_by_blocks


class PointThenDepth(BlockOp):
    """A block of one's own that ends in a depthwise convolution."""

    letters: ClassVar = {"kernel": "k"}

    kernel: int

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[BlockLayer]:
        return [Conv("point", out_width), Depthwise("depth", self.kernel, stride)]


SUBNETS = [draw_subnet(BLOCKS, 3, step).subnet for step in range(8)]


def test_the_draws_have_every_op_and_later_blocks_of_every_stage() -> None:
    for number, stage in enumerate(BLOCKS.stages):
        drawn = [subnet.stages[number].ops for subnet in SUBNETS]
        assert {op for ops in drawn for op in ops} == set(stage.ops)
        assert max(map(len, drawn)) > 1


@pytest.mark.parametrize("subnet", SUBNETS[:4], ids=range(4))
def test_costs_and_peaks_equal_built_models(subnet) -> None:
    model = build_model(subnet)
    assert count(model) == cost(subnet)
    assert peak_memory(subnet) == walked(model)


def test_many_bases_cost_what_each_one_does() -> None:
    draws = [draw_subnet(BLOCKS, 3, step) for step in range(8)]
    for draw in draws:
        found = costs(BLOCKS, encode(BLOCKS, [draw.base]), draw.scaling)
        assert tuple(found[0]) == (cost(draw.subnet).macs, cost(draw.subnet).parameters)


@pytest.mark.slow
@SLOT_FIRST
@pytest.mark.usefixtures("float64")
def test_slices_equal_plain_models_in_float64_and_one_trace_runs_all(sharing: Sharing) -> None:
    net = SuperSupernet(BLOCKS, seed=1, sharing=sharing)
    evaluator = SubnetEvaluator(net)
    for subnet in SUBNETS[:5]:
        assert max(differences(evaluator, subnet, "float64").values()) <= 1e-9
    assert [one.experimental_get_tracing_count() for one in evaluator.functions] == [1, 1]


def test_slices_equal_plain_models_in_float32() -> None:
    net = SuperSupernet(BLOCKS, seed=1, sharing="op")
    evaluator = SubnetEvaluator(net, traced=False)
    for subnet in SUBNETS[:3]:
        assert differences(evaluator, subnet)["eager"] <= 1e-5


def test_a_block_may_end_in_a_depthwise_convolution() -> None:
    own = f"{__name__}:PointThenDepth"
    stages = [{"block": own, "depth": [1, 2], "stride": 2, "width": 9, "ops": {"kernel": [3, 5]}}]
    space = SearchSpace.model_validate({**BLOCKS.model_dump(mode="json"), "stages": stages})
    evaluator = SubnetEvaluator(SuperSupernet(space, seed=1), traced=False)
    for step in range(3):
        assert differences(evaluator, draw_subnet(space, 3, step).subnet)["eager"] <= 1e-5


def test_the_ops_of_a_slot_use_the_centre_and_the_leading_channels_of_one_kernel() -> None:
    net = SuperSupernet(BLOCKS, seed=1, sharing="slot")
    evaluator = SubnetEvaluator(net, traced=False)

    def kernel(op: str) -> np.ndarray:
        first, second, *rest = SUBNETS[0].stages
        subnet = SUBNETS[0].model_copy(
            update={"stages": (first, second.model_validate({**second.model_dump(), "ops": [op]}), *rest)}
        )
        model = build_model(subnet)
        pixels = tf.constant(images(BLOCKS, subnet.resolution))
        copy_weights(net, model, evaluator.recalibrate(subnet, [pixels]))
        return np.asarray(model.get_layer("stage1_block0_fused_conv").kernel)

    wide, narrow = kernel("fused_mbconv:k5e4"), kernel("fused_mbconv:k3e2s")
    assert wide.shape[:2] == (5, 5) and narrow.shape[3] * 2 == wide.shape[3]
    np.testing.assert_array_equal(narrow, wide[1:4, 1:4, :, : narrow.shape[3]])


@pytest.mark.parametrize(
    ("sharing", "traced"),
    [("slot", False), *(pytest.param(way, True, marks=pytest.mark.slow) for way in ("slot", "op"))],
)
@pytest.mark.usefixtures("float64")
def test_a_step_is_that_of_the_plain_model_and_leaves_the_rest_to_the_bit(
    sharing: Sharing, traced: bool, request: pytest.FixtureRequest
) -> None:
    if not traced:
        request.getfixturevalue("eager")
    net = SuperSupernet(BLOCKS, seed=0, sharing=sharing)
    config = SupernetConfig(batch_size=8, weight_decay=0.0, label_smoothing=0.1, clip_norm=0.5)
    optimizer = make_optimizer(net, config)
    spec = (tf.TensorSpec([None, None, None, 2], "float64"), tf.TensorSpec([None], tf.int32))
    step = make_train_step(StepParts(net, optimizer, tf.distribute.get_strategy(), config), spec)
    evaluator = SubnetEvaluator(net, traced=False)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    for number, subnet in enumerate(SUBNETS[:3]):
        inputs = tf.constant(images(BLOCKS, subnet.resolution, seed=number, dtype="float64"))
        labels = tf.constant(np.random.default_rng(number).integers(0, 7, 8), tf.int32)
        model = build_model(subnet)
        copy_weights(net, model, evaluator.recalibrate(subnet, [inputs]))
        sgd = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, global_clipnorm=0.5)
        before = {v.path: v.numpy() for v in net.trainable_variables}
        for slot in optimizer.slots.values():
            slot.assign(tf.zeros_like(slot))
        step(inputs, labels, encode_subnet(BLOCKS, subnet), tf.constant(0.05))
        with tf.GradientTape() as tape:
            value = loss(tf.one_hot(labels, 7), model(inputs, training=True))
        sgd.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        twin = build_model(subnet)
        copy_weights(net, twin, evaluator.recalibrate(subnet, [inputs]))
        for own, expected in zip(twin.trainable_weights, model.trainable_weights, strict=True):
            np.testing.assert_allclose(own, expected, rtol=1e-6, atol=1e-7, err_msg=own.path)
        after = {v.path: v.numpy() for v in net.trainable_variables}
        masks = used_by_blocks(BLOCKS, subnet, sharing, {path: v.shape for path, v in after.items()})
        for path, used in masks.items():
            np.testing.assert_array_equal(after[path][~used], before[path][~used], err_msg=path)
            assert not used.any() or (after[path] != before[path])[used].any(), path
    assert step.experimental_get_tracing_count() == int(traced)


def test_features_are_the_last_maps_of_blocks_of_any_kind() -> None:
    subnet = next(own for own in SUBNETS if own.stem_stride == 2)
    maps = feature_pyramid(build_model(subnet), subnet, least_stride=2).output
    assert {name: own.shape[-1] for name, own in maps.items()} == {
        "stride2": subnet.stages[0].width,
        "stride4": subnet.stages[1].width,
        "stride8": subnet.stages[3].width,
    }


def test_a_residual_block_activates_the_sum_and_only_later_blocks_have_one() -> None:
    subnet = next(own for own in SUBNETS if len(own.stages[2].ops) > 1)
    names = [layer.name for layer in build_model(subnet).layers]
    assert "stage2_block0_add" not in names
    assert names.index("stage2_block1_out_act") == names.index("stage2_block1_add") + 1


def test_mbconv_is_run_by_its_own_layer() -> None:
    assert Op.dynamic_layer == "scalenet_tf.layers.mbconv:DynamicMBConv"
    kinds = [type(first).__name__ for first in SuperSupernet(BLOCKS).first]
    assert kinds == ["DynamicChain", "DynamicChain", "DynamicChain", "DynamicMBConv"]
