"""Weights and training state as files: named, equal to the bit, whole or the old one."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import numpy as np
import pytest

from scalenet_tf.config import Recipe
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.checkpoint import TrainingProgress, load_state, save_state
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.plan import Plan, compile_for_training
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, load_weights, save_weights
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member
from scalenet_tf.run.progress_rows import EpochRow

ROW = EpochRow(epoch=1, accuracy=0.4, loss=1.5, val_accuracy=0.5, val_loss=1.25)


def compiled(run: Run, seed: int) -> keras.Model:
    model = build_model(read_member(run, 0).subnet)
    initialize(model, seed, 0)
    compile_for_training(model, Plan(Recipe(), False, 2, 0.1), steps_per_epoch=4)
    return model


def step(model: keras.Model) -> None:
    rng = np.random.default_rng(0)
    side = model.input_shape[1]
    images = rng.uniform(0, 255, (8, side, side, 1)).astype("float32")
    model.train_on_batch(images, np.eye(10, dtype="float32")[rng.integers(0, 10, 8)])


@pytest.mark.usefixtures("eager")
def test_state_brings_back_weights_optimizer_and_progress(scratch_run: Run, tmp_path: Path) -> None:
    model = compiled(scratch_run, 0)
    step(model)
    save_state(tmp_path / "state.npz", model, TrainingProgress((ROW,), 2.5))
    other = compiled(scratch_run, 1)
    assert load_state(tmp_path / "state.npz", other) == TrainingProgress((ROW,), 2.5)
    assert digest(other) == digest(model)
    assert int(other.optimizer.iterations) == 1
    # The next step is the same only if momentum came back too.
    step(model)
    step(other)
    assert digest(other) == digest(model)


@pytest.mark.usefixtures("eager")
def test_a_save_cut_short_keeps_the_old_state(
    scratch_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.npz"
    model = compiled(scratch_run, 0)
    save_state(file, model, TrainingProgress((ROW,), 1.0))
    before = digest(model)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    step(model)
    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        save_state(file, model, TrainingProgress((ROW, ROW), 2.0))
    monkeypatch.undo()
    assert load_state(file, model).epochs == 1
    assert digest(model) == before


def test_weights_are_named_and_their_file_is_reproducible(scratch_run: Run, tmp_path: Path) -> None:
    model = compiled(scratch_run, 0)
    first = save_weights(tmp_path / "a.npz", model).read_bytes()
    assert save_weights(tmp_path / "b.npz", model).read_bytes() == first
    with np.load(tmp_path / "a.npz") as arrays:
        assert {"stem_conv/kernel", "stem_bn/moving_variance", "classifier/bias"} <= set(arrays)
    other = compiled(scratch_run, 1)
    load_weights(tmp_path / "a.npz", other)
    assert digest(other) == digest(model)


def test_weights_of_another_network_are_refused_untouched(scratch_run: Run, tmp_path: Path) -> None:
    save_weights(tmp_path / "a.npz", compiled(scratch_run, 0))
    wider = build_model(read_member(scratch_run, 0).subnet.model_copy(update={"head_width": 40}))
    before = digest(wider)
    with pytest.raises(ScaleNetError, match=r"holds the weights of another network: 'head_conv/kernel'"):
        load_weights(tmp_path / "a.npz", wider)
    assert digest(wider) == before
