"""The moving average of the weights, beside its formula in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import Sharing, SupernetConfig
from scalenet_tf.layers import DynamicConv2D
from scalenet_tf.layers.row_slices import flatten, mask_rows
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.training.ema import WeightAverage
from scalenet_tf.training.train_step import StepParts, make_optimizer, make_train_step
from tests.helpers.networks import MIXED
from tests.helpers.sharings import SLOT_FIRST
from tests.helpers.used_parts import used_parts
from tests.training.test_optimizer import STRATEGY, batch

DECAY = 0.5  # The warm-up reaches it after 8 uses: rows of fewer and of more are among these.


@SLOT_FIRST
@pytest.mark.usefixtures("eager")
def test_rows_in_use_follow_the_formula_and_all_else_stays_to_the_bit(sharing: Sharing) -> None:
    net = SuperSupernet(MIXED, seed=0, sharing=sharing)
    config = SupernetConfig(batch_size=8)
    average = WeightAverage(net.trainable_variables, DECAY)
    spec = (tf.TensorSpec([None, None, None, MIXED.channels]), tf.TensorSpec([None], tf.int32))
    parts = StepParts(net, make_optimizer(net, config), STRATEGY, config, average)
    step = make_train_step(parts, spec)
    expected = {v.path: v.numpy().astype(float) for v in net.trainable_variables}
    uses = {path: np.zeros(value.shape) for path, value in expected.items()}
    for number in range(14):
        subnet = draw_subnet(MIXED, 0, number).subnet
        before = values(average)
        step(*batch(MIXED, subnet.resolution, number), encode_subnet(MIXED, subnet), tf.constant(0.1))
        weights, after = {v.path: v.numpy() for v in net.trainable_variables}, values(average)
        for path, mask in used_parts(subnet, sharing).items():
            mask = np.broadcast_to(mask, before[path].shape)
            np.testing.assert_array_equal(after[path][~mask], before[path][~mask], err_msg=path)
            decay = np.minimum(DECAY, (1 + uses[path]) / (10 + uses[path]))
            moved = decay * expected[path] + (1 - decay) * weights[path]
            expected[path] = np.where(mask, moved, expected[path])
            uses[path] += mask
    # Channels that wide subnets alone use have a clock of their own.
    assert set(np.unique(uses["stem/kernel"])) > {14}
    for path, count in uses.items():
        np.testing.assert_array_equal(average.uses[path], count, err_msg=path)
    for path, value in values(average).items():
        np.testing.assert_allclose(value, expected[path], rtol=1e-5, atol=1e-6, err_msg=path)


def test_rows_past_a_depth_of_static_shapes_are_no_uses() -> None:
    layer = DynamicConv2D(4, rows=3)
    layer.build((None, None, None, 2))
    average = WeightAverage(layer.trainable_variables, DECAY)
    selection = mask_rows(layer.select(tf.range(3), 2, 3), tf.constant([True, True, False]))
    layer.kernel.assign(layer.kernel + 1)
    before = values(average)[layer.kernel.path]
    average.update(flatten(selection))
    moved = values(average)[layer.kernel.path] != before
    expected = np.zeros(moved.shape, bool)
    expected[:2, ..., :3] = True
    np.testing.assert_array_equal(moved, expected)
    np.testing.assert_array_equal(average.uses[layer.kernel.path], expected)


def values(average: WeightAverage) -> dict[str, Any]:
    return {path: variable.numpy() for path, variable in average.values.items()}
