"""Training steps of a super-supernet on multi-hot labels."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import SupernetConfig, Task
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet, trained_subnets
from scalenet_tf.training.log_window import Window, diverged
from scalenet_tf.training.sandwich import make_draw_step
from scalenet_tf.training.train_step import StepParts, StepResult, make_optimizer, make_train_step
from tests.helpers.networks import MIXED, images
from tests.training.test_optimizer import STRATEGY

IMAGES = tf.TensorSpec([None, None, None, MIXED.channels])
LABELS = tf.TensorSpec([None, MIXED.classes], tf.int8)


def parts(**config: object) -> StepParts:
    net = SuperSupernet(MIXED, seed=0)
    settings = SupernetConfig.model_validate({"batch_size": 8, "label_smoothing": 0.0, **config})
    return StepParts(net, make_optimizer(net, settings), STRATEGY, settings, task=Task.multi_label)


def labels_of(seed: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).integers(0, 2, (8, MIXED.classes)), tf.int8)


def test_one_trace_trains_every_subnet_and_the_loss_falls() -> None:
    step = make_train_step(parts(), (IMAGES, LABELS))
    losses = []
    for number in range(12):
        subnet = draw_subnet(MIXED, 2, number).subnet
        pixels = tf.constant(images(MIXED, subnet.resolution, seed=0))
        code = encode_subnet(MIXED, subnet)
        result = step(pixels, labels_of(0), code, tf.constant(0.5))
        assert 0 <= float(result.correct) <= 8  # mean average precision times images
        losses.append(float(result.loss))
    assert step.experimental_get_tracing_count() == 1
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


@pytest.mark.slow
def test_a_sandwich_distils_by_sigmoids() -> None:
    step = make_draw_step(parts(sandwich="stage", distillation=True), ((IMAGES,) * 3, LABELS))
    draw = draw_subnet(MIXED, 1, 0)
    sizes = [subnet.resolution for subnet in trained_subnets(MIXED, draw, "stage")]
    pixels = tuple(tf.constant(images(MIXED, size, seed=0)) for size in sizes)
    result = step(pixels, labels_of(0), draw, tf.constant(0.1))
    assert np.isfinite(result.loss) and np.isfinite(result.gradient_norm)


@pytest.mark.parametrize(("loss", "expected"), [(1.3, False), (1.5, True), (float("nan"), True)])
def test_a_loss_of_twice_guessing_diverges(loss: float, expected: bool) -> None:
    window = Window(8)
    window.add(0, StepResult(*map(tf.constant, (loss, 4.0, 1.0))))
    row = window.row(1, 0.1)
    assert row.accuracy == 0.5
    assert diverged(row, 100, Task.multi_label) == expected
    assert diverged(row, 100) == np.isnan(loss)
