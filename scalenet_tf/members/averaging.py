"""The average of the weights that Keras' optimizer keeps, evaluated in place of the weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


class EvaluateAverage(keras.callbacks.Callback):
    """Within `fit`, validation sees the average; `restore` brings the weights back afterwards.

    Keras leaves the average in the model when `fit` ends, and training goes on from there in the next
    call; here it goes on from the weights. Without an average nothing changes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._weights: list[np.ndarray] = []

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._weights = [variable.value.numpy() for variable in self.model.trainable_variables]
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def restore(self) -> None:
        """Puts the weights back that the last validation found."""
        for variable, weight in zip(self.model.trainable_variables, self._weights, strict=True):
            variable.assign(weight)
