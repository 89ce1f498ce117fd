"""A step of the super-supernet moves what it used, as the plain model's own step would, and nothing else."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import SupernetConfig
from scalenet_tf.layers.row_slices import values
from scalenet_tf.models.inherited_weights import copy_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.training.optimizer import cosine_with_warmup
from scalenet_tf.training.train_step import StepParts, make_optimizer, make_train_step
from tests.helpers.networks import MIXED, images
from tests.helpers.sharings import SLOT_FIRST
from tests.helpers.used_parts import used_parts

STRATEGY = tf.distribute.get_strategy()


def trainer(space, dtype="float32", sharing="op", policy=None, **config):
    net = SuperSupernet(space, seed=0, sharing=sharing, dtype=policy or keras.config.floatx())
    config = SupernetConfig(batch_size=8, **config)
    optimizer = make_optimizer(net, config)
    spec = (tf.TensorSpec([None, None, None, space.channels], dtype), tf.TensorSpec([None], tf.int32))
    return net, optimizer, make_train_step(StepParts(net, optimizer, STRATEGY, config), spec)


def batch(space, resolution, seed, dtype="float32"):
    labels = np.random.default_rng(seed).integers(0, space.classes, 8)
    return tf.constant(images(space, resolution, seed=seed, dtype=dtype)), tf.constant(labels, tf.int32)


def state(net, optimizer):
    return {v.path: (v.numpy(), optimizer.slots[v.path].numpy()) for v in net.trainable_variables}


@SLOT_FIRST
def test_one_trace_trains_every_subnet_and_leaves_unused_weights_and_momentum_to_the_bit(sharing):
    net, optimizer, step = trainer(MIXED, sharing=sharing, weight_decay=0.1)
    rate = tf.constant(0.1)
    for number in range(6):  # momentum everywhere first, so that a leak would show
        subnet = draw_subnet(MIXED, 0, number).subnet
        step(*batch(MIXED, subnet.resolution, number), encode_subnet(MIXED, subnet), rate)
    for number in range(6, 14):
        subnet = draw_subnet(MIXED, 0, number).subnet
        before = state(net, optimizer)
        step(*batch(MIXED, subnet.resolution, number), encode_subnet(MIXED, subnet), rate)
        after = state(net, optimizer)
        used = used_parts(subnet, sharing)
        assert set(used) == set(before)
        for path, mask in used.items():
            mask = np.broadcast_to(mask, before[path][0].shape)
            for old, new in zip(before[path], after[path], strict=True):
                np.testing.assert_array_equal(new[~mask], old[~mask], err_msg=path)
            if mask.any() and "beta" in path:
                assert (before[path][0] != after[path][0])[mask].any(), path
    assert step.experimental_get_tracing_count() == 1


@SLOT_FIRST
@pytest.mark.usefixtures("eager", "float64")
def test_two_steps_equal_those_of_the_plain_model_and_keras_sgd(sharing):
    net, _, step = trainer(MIXED, "float64", sharing, weight_decay=0.0, label_smoothing=0.1, clip_norm=0.5)
    subnet = draw_subnet(MIXED, 0, 1).subnet
    code = encode_subnet(MIXED, subnet)
    evaluator = SubnetEvaluator(net)
    calibration = [batch(MIXED, subnet.resolution, 9, "float64")[0]]
    model = build_model(subnet)
    copy_weights(net, model, evaluator.recalibrate(subnet, calibration))
    sgd = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, global_clipnorm=0.5)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    for number in range(2):
        inputs, labels = batch(MIXED, subnet.resolution, number, "float64")
        result = step(inputs, labels, code, tf.constant(0.05))
        with tf.GradientTape() as tape:
            value = loss(tf.one_hot(labels, MIXED.classes), model(inputs, training=True))
        sgd.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        np.testing.assert_allclose(result.loss, value, rtol=1e-6)
    twin = build_model(subnet)
    copy_weights(net, twin, evaluator.recalibrate(subnet, calibration))
    for own, expected in zip(twin.trainable_weights, model.trainable_weights, strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-6, atol=1e-7, err_msg=own.path)


@pytest.mark.usefixtures("eager")
def test_weight_decay_enters_the_gradient_by_kind_of_weight():
    still = {"learning_rate": 0.1, "momentum": 0.0}
    nets = {decay: trainer(MIXED, weight_decay=decay, **still) for decay in (0.0, 0.01)}
    subnet = draw_subnet(MIXED, 0, 1).subnet
    code = encode_subnet(MIXED, subnet)
    before = {v.path: v.numpy() for v in nets[0.0][0].trainable_variables}
    for _, _, step in nets.values():
        step(*batch(MIXED, subnet.resolution, 0), code, tf.constant(0.1))
    plain, decayed = ({v.path: v.numpy() for v in net.trainable_variables} for net, _, _ in nets.values())
    used = used_parts(subnet)
    for path, factor in {"stem/kernel": 2, "classifier/kernel": 1, "head_bn/gamma_beta": 0}.items():
        mask = np.broadcast_to(used[path], before[path].shape)
        expected = -0.1 * 0.01 * factor * before[path]
        np.testing.assert_allclose(
            (decayed[path] - plain[path])[mask], expected[mask], atol=1e-6, err_msg=path
        )


@SLOT_FIRST
@pytest.mark.usefixtures("eager")
def test_mixed_precision_trains_with_statistics_and_loss_in_float32(sharing):
    net, optimizer, step = trainer(MIXED, sharing=sharing, policy="mixed_bfloat16")
    subnet = draw_subnet(MIXED, 0, 1).subnet
    code = encode_subnet(MIXED, subnet)
    inputs, labels = batch(MIXED, subnet.resolution, 0)
    logits, statistics = net.compute(inputs, code, values(net.select(code)), collect=True)
    assert {part.dtype for part in [logits, *tf.nest.flatten(statistics)]} == {tf.float32}
    _, _, exact_step = trainer(MIXED, sharing=sharing)
    before = {path: weights for path, (weights, _) in state(net, optimizer).items()}
    result, exact = (one(inputs, labels, code, tf.constant(0.1)) for one in (step, exact_step))
    np.testing.assert_allclose(result.loss, exact.loss, rtol=0.02)
    after = {path: weights for path, (weights, _) in state(net, optimizer).items()}
    for path, mask in used_parts(subnet, sharing).items():
        assert np.isfinite(after[path]).all()
        mask = np.broadcast_to(mask, after[path].shape)
        assert not mask.any() or (after[path] != before[path])[mask].any(), path


def test_rises_in_a_line_and_falls_by_a_cosine():
    rates = [cosine_with_warmup(step, 110, 0.4, 10) for step in range(110)]
    assert [round(rate, 9) for rate in rates[:10]] == [round(0.04 * (i + 1), 9) for i in range(10)]
    assert rates[10] == 0.4
    assert math.isclose(rates[60], 0.2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.001


def test_no_warmup():
    assert cosine_with_warmup(0, 10, 0.4, 0) == 0.4
