"""The recipe: which one a member gets, its schedule, its decay."""

from __future__ import annotations

import keras
import pytest

from scalenet_tf.config import MembersConfig
from scalenet_tf.members.family import read_member
from scalenet_tf.members.recipe import Recipe, make_optimizer
from scalenet_tf.run import Run

CONFIG = MembersConfig(epochs=2, scratch_epochs=9, learning_rate=0.01, scratch_learning_rate=0.3)


def rate(optimizer: keras.optimizers.SGD, step: int) -> float:
    optimizer.iterations.assign(step)
    return float(optimizer.learning_rate)


def test_origin_decides_length_and_peak(scratch_run: Run) -> None:
    scratch = read_member(scratch_run, 0)
    searched = scratch.model_copy(update={"origin": "search"})
    assert Recipe.of(scratch, CONFIG) == Recipe(epochs=9, learning_rate=0.3)
    assert Recipe.of(searched, CONFIG) == Recipe(epochs=2, learning_rate=0.01)


def test_the_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    optimizer = make_optimizer(
        CONFIG.model_copy(update={"warmup_epochs": 0.5}),
        Recipe(epochs=4, learning_rate=0.1),
        steps_per_epoch=20,
    )
    rates = [rate(optimizer, step) for step in range(80)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 10
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-3


def test_a_warm_up_longer_than_the_training_is_cut() -> None:
    optimizer = make_optimizer(
        CONFIG.model_copy(update={"warmup_epochs": 50.0}),
        Recipe(epochs=1, learning_rate=0.1),
        steps_per_epoch=4,
    )
    assert rate(optimizer, 3) == pytest.approx(0.1)


def test_no_warm_up_starts_at_the_peak() -> None:
    optimizer = make_optimizer(
        CONFIG.model_copy(update={"warmup_epochs": 0.0}),
        Recipe(epochs=1, learning_rate=0.1),
        steps_per_epoch=4,
    )
    assert rate(optimizer, 0) == pytest.approx(0.1)


def test_decay_shrinks_kernels_alone() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    dense, norm = model.layers
    for variable in model.trainable_variables:
        variable.assign(keras.ops.ones_like(variable))
    config = CONFIG.model_copy(update={"weight_decay": 0.5, "warmup_epochs": 0.0})
    optimizer = make_optimizer(config, Recipe(epochs=1, learning_rate=0.1), steps_per_epoch=10)
    zeros = [keras.ops.zeros_like(variable) for variable in model.trainable_variables]
    optimizer.apply(zeros, model.trainable_variables)
    assert dense.kernel.numpy() == pytest.approx(1 - 0.1 * 0.5)
    for variable in (dense.bias, norm.gamma, norm.beta):
        assert variable.numpy() == pytest.approx(1.0)
