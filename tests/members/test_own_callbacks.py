"""Keras callbacks in the training of a member: one training for them, and they only look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest
from tensorflow.python.framework import config

from scalenet_tf.config import override_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import MemberTraining, train_member
from scalenet_tf.members.checkpoint import TrainingProgress
from scalenet_tf.members.own_callbacks import OwnCallbacks
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import read_history
from tests.helpers.listener import Listener


class Hooks(keras.callbacks.Callback):
    def __init__(self, fails_at: str = "") -> None:
        super().__init__()
        self.called: list[str] = []
        self.fails_at, self.deterministic = fails_at, False

    def _note(self, hook: str) -> None:
        self.called.append(hook)
        if hook == self.fails_at:
            raise ValueError("on purpose")

    def on_train_begin(self, logs: Any = None) -> None:
        self.deterministic = config.is_op_determinism_enabled()
        self._note(f"begin of {self.params['epochs']}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._note(f"epoch {epoch} {sorted(logs)}")

    def on_train_end(self, logs: Any = None) -> None:
        self._note("end")


def small(run: Run) -> Run:
    return Run(
        run.path, override_config(run.config, ["members.epoch_images=400", "members.scratch_epochs=2"])
    )


def epoch(number: int, *metrics: str) -> str:
    names = ["accuracy", "loss", *metrics, "val_accuracy", "val_loss", *(f"val_{name}" for name in metrics)]
    return f"epoch {number} {sorted(names)}"


def test_one_training_and_its_metrics_in_the_history(scratch_run: Run, tmp_path: Path) -> None:
    run, hooks, listener, names = small(scratch_run), Hooks(), Listener(), list[str]()

    def of_member(name: str) -> list[keras.callbacks.Callback]:
        names.append(name)
        return [hooks, keras.callbacks.CSVLogger(str(tmp_path / f"{name}.csv"))]

    own = MemberTraining(
        callbacks=of_member,
        loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True),
        metrics=[keras.metrics.TopKCategoricalAccuracy(3, name="top3")],
        augmentation=keras.layers.RandomRotation(0.1),
    )
    before = config.is_op_determinism_enabled()
    train_member(run, 0, own, listener.on_epoch_end)
    assert hooks.deterministic and config.is_op_determinism_enabled() == before
    assert hooks.called == ["begin of 2", epoch(0, "top3"), epoch(1, "top3"), "end"]
    assert names == ["s0"]
    assert len((tmp_path / "s0.csv").read_text().splitlines()) == 3
    assert listener.heard == [("epoch", "s0", 1), ("epoch", "s0", 2)]
    rows = read_history(run.member_files(0).history)
    assert all(row.metrics and row.metrics.keys() == {"top3", "val_top3"} for row in rows)
    assert rows[0].metrics["val_top3"] >= rows[0].val_accuracy  # type: ignore[index, operator]


def test_a_training_that_early_stopping_has_ended_is_none() -> None:
    hooks, model = Hooks(), keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with OwnCallbacks([hooks], "s0", model, epochs=3, steps=1).training(TrainingProgress(), stopped=True):
        pass
    assert hooks.called == []


@pytest.mark.slow
def test_an_exception_names_the_callback_and_the_training_resumes(scratch_run: Run) -> None:
    run, broken, whole = small(scratch_run), Hooks(epoch(1)), Hooks()
    text = (
        r"`member_training\.callbacks\[0\]`, a .*test_own_callbacks\.Hooks, failed in on_epoch_end of s0: Val"
    )
    with pytest.raises(ScaleNetError, match=text):
        train_member(run, 0, MemberTraining(callbacks=[broken]))
    assert len(read_history(run.member_files(0).history)) == 1
    train_member(run, 0, MemberTraining(callbacks=[whole]))
    assert whole.called == ["begin of 2", epoch(1), "end"]


class Doubling(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        kernel = self.model.get_layer("classifier").kernel
        kernel.assign(2 * kernel + 1)


@pytest.mark.parametrize(
    ("callback", "text"),
    [
        (Doubling(), r"Doubling, must not change the weights.*on_epoch_begin of s0"),
        pytest.param(
            keras.callbacks.EarlyStopping("val_loss", patience=0, min_delta=100),
            r"EarlyStopping, must not stop the training of s0.*members=\{'patience'",
            marks=pytest.mark.slow,
        ),
        (
            keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
            r"LearningRateScheduler, failed in on_epoch",
        ),
        (Listener(), r"callbacks\[0\]` must be a Keras callback.*Listener. A RunCallback goes into"),
    ],
)
def test_what_would_change_the_result_is_refused(scratch_run: Run, callback: Any, text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        train_member(small(scratch_run), 0, MemberTraining(callbacks=[callback]))
    assert not scratch_run.member_files(0).metrics.exists()
