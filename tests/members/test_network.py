"""The network that is trained: the member's own weights, and what only training sees."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import Recipe
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.network import build_for_training
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, set_weights, weights_of
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member

RICH = Recipe(dropout=0.4, stochastic_depth=0.6)


def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (16, 12, 12, 1)).astype("float32")


def test_dropout_acts_in_training_alone_and_has_no_weights(scratch_run: Run) -> None:
    subnet = read_member(scratch_run, 0).subnet
    plain, rich = build_model(subnet), build_for_training(subnet, RICH, 0, 0)
    initialize(plain, 0, 0)
    initialize(rich, 0, 0)
    assert digest(rich) == digest(plain)
    assert list(weights_of(rich)) == list(weights_of(plain))
    np.testing.assert_allclose(rich(images()), plain(images()), atol=1e-5)
    assert np.abs(rich(images(), training=True) - plain(images(), training=True)).max() > 0.01


def test_blocks_are_dropped_in_proportion_to_their_depth(scratch_run: Run) -> None:
    subnet = read_member(scratch_run, 0).subnet
    rich = build_for_training(subnet, RICH, 0, 0)
    # Three blocks, of which the last has a residual.
    drop = rich.get_layer("stage1_block1_drop")
    assert drop.rate == pytest.approx(0.6) and rich.get_layer("dropout").rate == 0.4
    kept = drop(tf.ones((400, 2, 2, 3)), training=True).numpy()
    whole = kept.reshape(400, -1)
    # An image's branch goes as a whole, or stays and is scaled up.
    assert (whole == whole[:, :1]).all()
    assert np.mean(whole[:, 0] == 0) == pytest.approx(0.6, abs=0.08)
    assert whole.max() == pytest.approx(1 / 0.4)


def test_draws_depend_on_seed_stage_and_layer(scratch_run: Run) -> None:
    subnet = read_member(scratch_run, 0).subnet

    def seeds(seed: int, stage: int) -> list[int]:
        model = build_for_training(subnet, RICH, seed, stage)
        return [layer.seed for layer in model.layers if isinstance(layer, keras.layers.Dropout)]

    assert seeds(0, 1) == seeds(0, 1)
    assert len({*seeds(0, 1), *seeds(0, 2), *seeds(1, 1)}) == 6


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_weights_in_float32(scratch_run: Run, precision: str) -> None:
    subnet = read_member(scratch_run, 0).subnet
    mixed = build_for_training(subnet, Recipe(precision=precision), 0, 0)
    plain = build_model(subnet)
    initialize(mixed, 0, 0)
    set_weights(plain, weights_of(mixed))
    assert mixed.get_layer("head_conv").compute_dtype == precision.removeprefix("mixed_")
    assert {weight.dtype for weight in mixed.weights} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"
    expected = plain(images(), training=True)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(mixed(images(), training=True), expected, atol=0.1 * scale)
    for name, statistic in weights_of(mixed).items():
        if "moving" in name:
            np.testing.assert_allclose(statistic, weights_of(plain)[name], rtol=0.1, atol=0.1)
