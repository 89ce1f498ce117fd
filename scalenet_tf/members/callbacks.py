"""Keras callbacks: progress with the time left, evaluation of averaged weights, early stopping."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import keras
import numpy as np
from rich.console import Console

from scalenet_tf.config import Recipe, Task
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils.formatting import time_left
from scalenet_tf.utils.progress import STEP_LINE_SECONDS, Pace, bar_console, line_level, step_bar

logger = logging.getLogger(__name__)


class FitProgress(keras.callbacks.Callback):
    """Shows several calls of `fit`, one per epoch, as one progress: a bar, or a line per epoch.

    Args:
      title: Name of the training, such as "s0".
      epochs: Number of epochs of the whole training.
      steps_per_epoch: Number of steps per epoch.
      done: Number of epochs that an earlier process finished.
      console: Console of the bar. Default: stdout.
      task: Task, whose score is shown.
      clock: Function that returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        title: str,
        epochs: int,
        steps_per_epoch: int,
        done: int,
        console: Console | None = None,
        task: Task = Task.single_label,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._steps, self._pace = steps_per_epoch, Pace(STEP_LINE_SECONDS, clock)
        self._score = task.short_score
        self._title = title
        self._epochs = epochs
        self._console = console or bar_console()
        self._bar = step_bar(self._console)
        self._seconds = 0.0
        self._done_before = self._done = done
        total = epochs * steps_per_epoch
        self._task = self._bar.add_task(
            f"training {title}", total=total, completed=done * steps_per_epoch, results=""
        )

    def __enter__(self) -> FitProgress:
        self._bar.start()
        self._line(f"{self._done} of {self._epochs} epochs done, {self._steps:,} steps each")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Counts a step; without a bar, a line says so from time to time, so also within the first epoch."""
        self._bar.advance(self._task)
        if self._pace.is_due():
            loss = f", loss {float(logs['loss']):.3f}" if logs and "loss" in logs else ""
            self._line(f"epoch {self._done + 1} of {self._epochs}, step {batch + 1} of {self._steps}{loss}")

    def epoch_done(self, row: EpochRow, seconds: float) -> None:
        """Shows the results of an epoch that took `seconds`."""
        results = f"validation {self._score} {row.val_accuracy:.1%}"
        self._bar.update(self._task, results=results)
        self._seconds += seconds
        done = self._done = row.epoch
        left = (self._epochs - done) * self._seconds / (done - self._done_before)
        self._line(
            f"epoch {done} of {self._epochs}, loss {row.loss:.3f}, {results}, {seconds:.1f} s, "
            f"{time_left(left)}"
        )
        self._pace.restart()

    def _line(self, text: str) -> None:
        logger.log(line_level(self._console), f"training {self._title}: {text}")

    def stopped(self, epoch: int, best: int) -> None:
        """Reports that training stops early after `epoch` and keeps the weights of the epoch `best`."""
        logger.info(
            f"training {self._title}: stops after epoch {epoch}, keeps epoch {best}, the best on validation"
        )


class EvaluateAverage(keras.callbacks.Callback):
    """Lets validation within `fit` use the averaged weights; `restore` puts the raw weights back.

    Keras leaves the average in the model when `fit` ends, so that the next call would train on from it; here
    it trains on from the raw weights. Without an average nothing changes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._weights: list[np.ndarray] = []

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._weights = [variable.value.numpy() for variable in self.model.trainable_variables]
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def restore(self) -> None:
        """Puts the raw weights of the last validation back."""
        for variable, weight in zip(self.model.trainable_variables, self._weights, strict=True):
            variable.assign(weight)


@dataclass(frozen=True)
class Verdict:
    """Result of replaying a history.

    Attributes:
      stop: Whether to stop.
      best_epoch: The best epoch, from 1.
    """

    stop: bool
    best_epoch: int


def judge(accuracies: Sequence[float], recipe: Recipe) -> Verdict:
    """Replays the epochs through Keras' EarlyStopping, so that its state need not be saved.

    Args:
      accuracies: Validation score of each epoch so far, 0 to 1.
      recipe: Recipe with `patience` and `min_delta`; without patience the last epoch is the best.
    """
    if recipe.patience is None or not accuracies:
        return Verdict(False, len(accuracies))
    callback = keras.callbacks.EarlyStopping(
        "val_accuracy", mode="max", patience=recipe.patience, min_delta=recipe.min_delta
    )
    callback.set_model(keras.Model())
    callback.on_train_begin()
    for epoch, accuracy in enumerate(accuracies):
        callback.on_epoch_end(epoch, {"val_accuracy": accuracy})
    return Verdict(callback.stopped_epoch > 0, callback.best_epoch + 1)
