"""The plan of a member: which length and rate it gets; Keras' optimizer, its schedule, its decay."""

from __future__ import annotations

import keras
import pytest

from scalenet_tf.config import MembersConfig, Recipe
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.plan import Plan, make_optimizer
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member
from scalenet_tf.sampling.smallest_largest import largest_subnet

CONFIG = MembersConfig(epochs=(2, 4), scratch_epochs=9, learning_rate=0.01, scratch_learning_rate=0.3)


def optimizer(epochs: int, steps_per_epoch: int, **recipe: object) -> keras.optimizers.Optimizer:
    whole = Recipe.model_validate({"scratch_epochs": epochs, "scratch_learning_rate": 0.1, **recipe})
    return make_optimizer(Plan.starting(whole, 0, inherits=False), steps_per_epoch)


def rate(optimizer: keras.optimizers.Optimizer, step: int) -> float:
    optimizer._iterations.assign(step)
    return float(optimizer.learning_rate)


@pytest.mark.parametrize(
    ("origin", "start", "inherits"),
    [
        ("extrapolated", "auto", False),  # its network is not one of the space
        ("extrapolated", "scratch", False),
        ("search", "auto", True),
        ("search", "supernet", True),
        ("search", "scratch", False),
    ],
)
def test_the_start_decides_length_and_peak(scratch_run: Run, origin: str, start: str, inherits: bool) -> None:
    member = read_member(scratch_run, 0).model_copy(update={"origin": origin, "stage": 3})
    plan = Plan.of(member, CONFIG.model_copy(update={"start": start}), scratch_run.space())
    assert plan.inherits == inherits
    assert (plan.epochs, plan.learning_rate) == ((4, 0.01) if inherits else (9, 0.3))


def test_an_extrapolated_member_is_not_sure_to_inherit(scratch_run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"`members\.start` must be auto or scratch for s0"):
        Plan.of(
            read_member(scratch_run, 0), CONFIG.model_copy(update={"start": "supernet"}), scratch_run.space()
        )


def test_a_member_larger_than_the_super_supernet_starts_from_scratch(scratch_run: Run) -> None:
    member, space = read_member(scratch_run, 0), scratch_run.space()
    largest = largest_subnet(space)
    wider = largest.model_copy(update={"stem_width": largest.stem_width + space.width_divisor})
    finer = largest.model_copy(update={"resolution": 2 * largest.resolution})
    for subnet, inherits in ((largest, True), (finer, True), (wider, False)):
        extrapolated = member.model_copy(update={"origin": "extrapolated", "subnet": subnet})
        assert Plan.of(extrapolated, CONFIG, space).inherits == inherits


@pytest.mark.parametrize("accumulation", [1, 4])
def test_the_rate_rises_to_its_peak_and_falls_to_nothing(accumulation: int) -> None:
    made = optimizer(4, 20, warmup_epochs=0.5, gradient_accumulation_steps=accumulation)
    rates = [rate(made, step) for step in range(80)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == pytest.approx(0.1)
    assert rates.index(max(rates)) == 10
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-3


def test_a_training_of_fewer_batches_than_an_update_takes_is_one_update() -> None:
    assert optimizer(1, 3, gradient_accumulation_steps=8).gradient_accumulation_steps == 3
    assert optimizer(2, 20, gradient_accumulation_steps=8).gradient_accumulation_steps == 8


def test_a_warm_up_longer_than_the_training_is_cut() -> None:
    assert rate(optimizer(1, 4, warmup_epochs=50.0), 3) == pytest.approx(0.1)


def test_no_warm_up_starts_at_the_peak() -> None:
    assert rate(optimizer(1, 4, warmup_epochs=0.0), 0) == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adamw"])
def test_decay_shrinks_kernels_alone(name: str) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.BatchNormalization()])
    dense, norm = model.layers
    for variable in model.trainable_variables:
        variable.assign(keras.ops.ones_like(variable))
    made = optimizer(1, 10, optimizer=name, weight_decay=0.5, warmup_epochs=0.0)
    assert type(made).__name__.lower() == name
    zeros = [keras.ops.zeros_like(variable) for variable in model.trainable_variables]
    made.apply(zeros, model.trainable_variables)
    assert dense.kernel.numpy() == pytest.approx(1 - 0.1 * 0.5)
    for variable in (dense.bias, norm.gamma, norm.beta):
        assert variable.numpy() == pytest.approx(1.0)


def test_the_average_runs_over_updates_not_batches() -> None:
    made = optimizer(1, 10, ema_decay=0.81, gradient_accumulation_steps=2)
    assert made.ema_momentum == pytest.approx(0.9)
    assert not optimizer(1, 10).use_ema
