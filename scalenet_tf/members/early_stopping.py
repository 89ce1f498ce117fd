"""Keras' early stopping over a training that calls `fit` once an epoch and may be resumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from scalenet_tf.recipes import Recipe


@dataclass(frozen=True)
class Verdict:
    """What the history says: whether to stop, and which epoch, counted from 1, was the best."""

    stop: bool
    best_epoch: int


def judge(history: Sequence[Mapping[str, Any]], recipe: Recipe) -> Verdict:
    """Replays a history of epochs through Keras' callback; so no state of it has to be saved.

    Args:
      history: A row an epoch with `val_accuracy`.
      recipe: Its `patience` and `min_delta`; without patience the last epoch is the best.
    """
    if recipe.patience is None or not history:
        return Verdict(False, len(history))
    callback = keras.callbacks.EarlyStopping(
        "val_accuracy", mode="max", patience=recipe.patience, min_delta=recipe.min_delta
    )
    callback.set_model(keras.Model())
    callback.on_train_begin()
    for epoch, row in enumerate(history):
        callback.on_epoch_end(epoch, {"val_accuracy": row["val_accuracy"]})
    return Verdict(callback.stopped_epoch > 0, callback.best_epoch + 1)
