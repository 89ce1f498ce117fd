"""Progress with an ETA: a bar on a terminal; of a training, a log line an epoch elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import keras
import numpy as np
from rich.console import Console
from rich.progress import Progress as Bar

from scalenet_tf.config import Recipe
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils.progress import hidden, line_level, step_bar

logger = logging.getLogger(__name__)


class FitProgress(keras.callbacks.Callback):
    """Follows several calls of `fit`, one an epoch, as one progress.

    Args:
      title: Shown in front, such as "s0".
      epochs: Epochs of the whole training.
      steps_per_epoch: Steps of each.
      done: Epochs that an earlier process finished.
    """

    def __init__(self, title: str, epochs: int, steps_per_epoch: int, done: int) -> None:
        super().__init__()
        self._title = title
        self._epochs = epochs
        self._console = Console()
        self._bar = step_bar(self._console)
        self._seconds = 0.0
        self._done_before = done
        total = epochs * steps_per_epoch
        self._task = self._bar.add_task(
            f"training {title}", total=total, completed=done * steps_per_epoch, results=""
        )

    def __enter__(self) -> FitProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._bar.advance(self._task)

    def epoch_done(self, row: EpochRow, seconds: float) -> None:
        """Shows an epoch's row of results; `seconds` are those it took."""
        results = f"validation accuracy {row.val_accuracy:.1%}"
        self._bar.update(self._task, results=results)
        self._seconds += seconds
        done = row.epoch
        left = (self._epochs - done) * self._seconds / (done - self._done_before)
        logger.log(
            line_level(self._console),
            f"training {self._title}: epoch {done} of {self._epochs}, loss {row.loss:.3f}, {results}, "
            f"{seconds:.1f} s, left: {left:.0f} s",
        )

    def stopped(self, epoch: int, best: int) -> None:
        """Says that training stops early after `epoch`, and keeps the weights of the epoch `best`."""
        logger.info(
            f"training {self._title}: stops after epoch {epoch}, keeps epoch {best}, the best on validation"
        )


class EvaluateProgress(keras.callbacks.Callback):
    """Follows one call of `evaluate`, on stderr: stdout may be read by a program.

    Args:
      title: Shown in front.
      steps: Batches of the evaluation.
    """

    def __init__(self, title: str, steps: int) -> None:
        super().__init__()
        console = Console(stderr=True)
        self._bar = Bar(console=console, transient=True, disable=hidden(console))
        self._task = self._bar.add_task(title, total=steps)

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._bar.start()

    def on_test_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self._bar.advance(self._task)

    def on_test_end(self, logs: Mapping[str, float] | None = None) -> None:
        self._bar.stop()


class EvaluateAverage(keras.callbacks.Callback):
    """Within `fit`, validation sees the average; `restore` brings the weights back afterwards.

    Keras leaves the average in the model when `fit` ends, and training goes on from there in the next
    call; here it goes on from the weights. Without an average nothing changes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._weights: list[np.ndarray] = []

    def on_test_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self._weights = [variable.value.numpy() for variable in self.model.trainable_variables]
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def restore(self) -> None:
        """Puts the weights back that the last validation found."""
        for variable, weight in zip(self.model.trainable_variables, self._weights, strict=True):
            variable.assign(weight)


@dataclass(frozen=True)
class Verdict:
    """What the history says: whether to stop, and which epoch, counted from 1, was the best."""

    stop: bool
    best_epoch: int


def judge(accuracies: Sequence[float], recipe: Recipe) -> Verdict:
    """Replays epochs through Keras' callback; so no state of it has to be saved.

    Args:
      accuracies: Validation accuracy of each epoch so far, 0 to 1.
      recipe: Its `patience` and `min_delta`; without patience the last epoch is the best.
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
