"""Mixed precision: near float32, skips what overflows, and resumes as the very same run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import SupernetConfig, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.row_slices import values
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.run import Run
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.loss_scale import LossScale, make_loss_scale
from scalenet_tf.training.train_step import StepParts, TrainStep, make_optimizer, make_train_step
from scalenet_tf.utils import files
from tests.helpers.networks import MIXED, TINY_SPACE, images

STRATEGY = tf.distribute.get_strategy()
CONFIG = SupernetConfig(batch_size=8)
SUBNET = draw_subnet(MIXED, 0, 1).subnet
RATE = tf.constant(0.1)


def trainer(precision: str, loss_scale: LossScale | None = None) -> tuple[SuperSupernet, Any, TrainStep]:
    net = SuperSupernet(MIXED, seed=0, dtype=precision)
    optimizer = make_optimizer(net, CONFIG)
    spec = (tf.TensorSpec([None, None, None, MIXED.channels]), tf.TensorSpec([None], tf.int32))
    parts = StepParts(net, optimizer, STRATEGY, CONFIG, loss_scale=loss_scale)
    return net, optimizer, make_train_step(parts, spec)


def batch(seed: int) -> tuple[tf.Tensor, tf.Tensor, Any, tf.Tensor]:
    labels = np.random.default_rng(seed).integers(0, MIXED.classes, 8)
    inputs = tf.constant(images(MIXED, SUBNET.resolution, seed=seed))
    return inputs, tf.constant(labels, tf.int32), encode_subnet(MIXED, SUBNET), RATE


def state(net: SuperSupernet, optimizer: Any) -> list[np.ndarray]:
    return [v.numpy() for v in net.trainable_variables] + [s.numpy() for s in optimizer.slots.values()]


@pytest.mark.parametrize(("precision", "tolerance"), [("mixed_bfloat16", 0.02), ("mixed_float16", 0.003)])
@pytest.mark.usefixtures("eager")
def test_losses_are_near_those_of_float32(precision: str, tolerance: float) -> None:
    net, _, step = trainer(precision, make_loss_scale(precision))
    images_, _, code, _ = batch(0)
    logits, statistics = net.compute(images_, code, values(net.select(code)), collect=True)
    assert {part.dtype for part in [logits, *tf.nest.flatten(statistics)]} == {tf.float32}
    assert all(v.dtype == "float32" for v in net.trainable_variables)
    _, _, exact_step = trainer("float32")
    losses, float32_losses = ([float(each(*batch(s)).loss) for s in range(3)] for each in (step, exact_step))
    assert losses != float32_losses
    np.testing.assert_allclose(losses, float32_losses, rtol=tolerance)


@pytest.mark.usefixtures("eager")
def test_an_overflow_moves_nothing_and_halves_the_scale() -> None:
    loss_scale = LossScale(initial=2.0**24)  # too large: gradients in float16 end at 65504
    net, optimizer, step = trainer("mixed_float16", loss_scale)
    before = state(net, optimizer)
    result = step(*batch(0))
    assert loss_scale.row() == {"loss_scale": 2.0**23, "skipped_steps": 1}
    assert math.isfinite(result.loss) and result.gradient_norm == 0
    for old, new in zip(before, state(net, optimizer), strict=True):
        np.testing.assert_array_equal(new, old)
    while step(*batch(0)).gradient_norm == 0:
        pass
    assert 2.0**8 < loss_scale.row()["loss_scale"] < 2.0**23
    assert any((old != new).any() for old, new in zip(before, state(net, optimizer), strict=True))


def steps(scale: LossScale, norms: list[float]) -> list[tuple[float, float]]:
    """Reported norm and scale after each step with such a norm."""

    @tf.function(autograph=False)
    def step(norm: tf.Tensor) -> tf.Tensor:
        return scale.guard(norm, lambda: None)

    return [(float(step(tf.constant(norm, tf.float32))), float(scale.row()["loss_scale"])) for norm in norms]


def test_the_scale_doubles_after_finite_steps_in_a_row() -> None:
    scale = LossScale(growth_steps=3, initial=8.0)
    found = steps(scale, [1, 1, math.inf, 2, 2, 2, 2, math.nan, 2, 2, 2])
    assert [after for _, after in found] == [8, 8, 4, 4, 4, 8, 8, 4, 4, 4, 8]
    assert [norm for norm, _ in found] == [1, 1, 0, 2, 2, 2, 2, 0, 2, 2, 2]
    assert scale.row()["skipped_steps"] == 2


def test_at_scale_1_a_gradient_that_is_not_finite_shows() -> None:
    assert steps(LossScale(initial=2.0), [math.inf, math.inf]) == [(0, 1), (math.inf, 1)]


def test_float16_gradients_too_small_for_it_survive_by_the_scale() -> None:
    scale, weight = LossScale(), tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(weight)
        loss = scale.scale(1e-9 * tf.cast(tf.cast(weight, tf.float16), tf.float32))
    [gradient] = scale.unscale(tape.gradient(loss, [weight]))
    np.testing.assert_allclose(gradient, 1e-9, rtol=1e-2)  # float16 itself would round it to zero


def test_the_state_of_the_scale_is_part_of_a_checkpoint(tmp_path: Path) -> None:
    def checkpoints() -> tuple[LossScale, Checkpoints]:
        scale, net = LossScale(), SuperSupernet(MIXED, seed=0)
        return scale, Checkpoints(tmp_path, net, make_optimizer(net, CONFIG), 10, 5, loss_scale=scale)

    scale, saved = checkpoints()
    steps(scale, [math.inf, 1, 1])
    saved.save(Position(step=3), milestone=True)
    other, read = checkpoints()
    assert read.restore().step == 3
    expected = {name: variable.numpy() for name, variable in scale.variables.items()}
    assert {name: variable.numpy() for name, variable in other.variables.items()} == expected
    assert expected == {"scale": 2.0**14, "finite_steps": 2, "skipped_steps": 1}


@pytest.mark.slow
def test_a_stopped_float16_training_resumes_as_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scalenet_tf.training import loop, sandwich, train_supernet

    monkeypatch.setattr(loop, "make_loss_scale", lambda precision: LossScale(4, 2.0**20))

    def run(name: str) -> Run:
        space = files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
        small = ["supernet.steps=16", "supernet.log_steps=4", "supernet.checkpoint_steps=16"]
        given = [f"space={space}", "supernet.precision=mixed_float16", "supernet.checkpoint_minutes=1e-9"]
        return Run.open_or_create(tmp_path / name, load_config("smoke", [*small, *given]))

    def outcome(run: Run) -> tuple[Any, Any]:
        done = files.read_json(run.supernet / "done.json")
        rows = [json.loads(line) for line in (run.supernet / "log.jsonl").read_text().splitlines()]
        return done["weights_digest"], [{**row, "images_per_second": None} for row in rows]

    whole, stopped = run("whole"), run("stopped")
    train_supernet(whole)
    encode, calls = sandwich.encode_subnet, []

    def dies_at_step_10(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 10:
            raise ScaleNetError("a power cut")
        return encode(*arguments)

    monkeypatch.setattr(sandwich, "encode_subnet", dies_at_step_10)
    with pytest.raises(ScaleNetError, match="a power cut"):
        train_supernet(stopped)
    train_supernet(stopped)
    assert outcome(stopped) == outcome(whole)
    _, rows = outcome(whole)
    assert rows[0]["skipped_steps"] > 0
    assert rows[-1]["loss_scale"] != 2.0**20
