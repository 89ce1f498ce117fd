"""Early stopping from the history alone, as Keras' callback stops one call of fit."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from scalenet_tf.config import Recipe
from scalenet_tf.members.callbacks import Verdict, judge


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
