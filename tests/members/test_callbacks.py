"""Early stopping from the history alone, as Keras' callback stops one call of fit; lines of progress."""

from __future__ import annotations

import io
import itertools
import re

import keras
import numpy as np
import pytest
from rich.console import Console

from scalenet_tf.config import Recipe
from scalenet_tf.members.callbacks import FitProgress, Verdict, judge
from scalenet_tf.run.progress_rows import EpochRow


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ((), Verdict(False, 0)),
        ((0.5, 0.6), Verdict(False, 2)),
        ((0.5, 0.6, 0.6), Verdict(False, 2)),
        ((0.5, 0.6, 0.6, 0.55), Verdict(True, 2)),
        ((0.5, 0.4, 0.6, 0.55), Verdict(False, 3)),
    ],
)
def test_training_stops_after_so_many_epochs_without_a_gain(
    accuracies: tuple[float, ...], verdict: Verdict
) -> None:
    assert judge(accuracies, Recipe(patience=2)) == verdict


def test_a_gain_below_min_delta_is_none() -> None:
    assert judge([0.5, 0.505], Recipe(patience=1, min_delta=0.01)) == Verdict(True, 1)
    assert judge([0.5, 0.515], Recipe(patience=1, min_delta=0.01)) == Verdict(False, 2)


def test_without_patience_nothing_stops() -> None:
    assert judge([0.9, 0.1, 0.1], Recipe()) == Verdict(False, 3)


def test_one_call_of_fit_stops_at_the_same_epoch() -> None:
    accuracies = np.random.default_rng(1).uniform(0.4, 0.6, 40).tolist()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    feed = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(val_accuracy=accuracies[epoch])
    )
    stopping = keras.callbacks.EarlyStopping("val_accuracy", mode="max", patience=3)
    ones = np.ones((2, 1))
    done = model.fit(ones, ones, epochs=40, callbacks=[feed, stopping], verbose=0).epoch
    verdicts = [judge(accuracies[: epoch + 1], Recipe(patience=3)) for epoch in done]
    assert [verdict.stop for verdict in verdicts] == [False] * (len(done) - 1) + [True]
    assert verdicts[-1].best_epoch == stopping.best_epoch + 1


def test_without_a_terminal_lines_come_within_the_first_epoch_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    now = [0.0]
    console = Console(file=io.StringIO())
    with FitProgress("s0", 2, 100, 0, console, clock=lambda: now[0]) as shown:
        for epoch in (1, 2):
            for batch in range(100):
                now[0] += 0.25
                shown.on_train_batch_end(batch, {"loss": 2.0 - batch / 100})
            row = EpochRow(epoch=epoch, accuracy=0.5, loss=1.5, val_accuracy=0.625, val_loss=1.5)
            shown.epoch_done(row, 25.0)
    assert [record.getMessage() for record in caplog.records] == [
        "training s0: 0 of 2 epochs done, 100 steps each",
        "training s0: epoch 1 of 2, step 40 of 100, loss 1.610",
        "training s0: epoch 1 of 2, step 80 of 100, loss 1.210",
        "training s0: epoch 1 of 2, loss 1.500, validation accuracy 62.5%, 25.0 s, about 25 s left",
        "training s0: epoch 2 of 2, step 40 of 100, loss 1.610",
        "training s0: epoch 2 of 2, step 80 of 100, loss 1.210",
        "training s0: epoch 2 of 2, loss 1.500, validation accuracy 62.5%, 25.0 s, about 0 s left",
    ]


def test_keras_gives_the_lines_their_loss(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    ticks = itertools.count(step=20.0)
    with FitProgress("s0", 1, 3, 0, Console(file=io.StringIO()), clock=lambda: next(ticks)) as shown:
        model.fit(np.ones((6, 1)), np.ones((6, 1)), batch_size=2, callbacks=[shown], verbose=0)
    found = [record.getMessage() for record in caplog.records][1:]
    assert len(found) == 3
    assert all(
        re.fullmatch(rf"training s0: epoch 1 of 1, step {n} of 3, loss \d\.\d{{3}}", line)
        for n, line in enumerate(found, start=1)
    )
